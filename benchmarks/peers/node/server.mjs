// The original design with socket.io and the mongodb driver: the same steps as in
// ../flask_server.py. Arguments and output are the same, too.
import { createServer } from "node:http";
import { MongoClient, ObjectId } from "mongodb";
import { Server } from "socket.io";

const [mongoUrl, database] = process.argv.slice(2);
const db = (await new MongoClient(mongoUrl).connect()).db(database);
const questions = db.collection("questions");
const participants = db.collection("participants");
const studentQuestions = db.collection("student_questions");
const responses = db.collection("responses");

await questions.createIndex({ created_at: 1 });
await participants.createIndex({ student_id: 1, meeting_id: 1 }, { unique: true });
await participants.createIndex({ meeting_id: 1 });
await participants.createIndex({ socket_id: 1 });
await studentQuestions.createIndex({ student_id: 1, question_id: 1 });
await studentQuestions.createIndex({ meeting_id: 1 });
await studentQuestions.createIndex({ sent_time: -1 });
await responses.createIndex({ student_id: 1, question_id: 1 });
await responses.createIndex({ question_id: 1 });
await responses.createIndex({ timestamp: -1 });

const http = createServer();
const io = new Server(http);
const instructors = (meeting_id) => `instructors:${meeting_id}`;

async function joinStudent(socket, { student_id, meeting_id, name }) {
  await participants.updateOne(
    { student_id, meeting_id },
    {
      $set: { socket_id: socket.id, name, status: "active" },
      $setOnInsert: { joined_at: new Date() },
    },
    { upsert: true },
  );
  Object.assign(socket.data, { name, meeting_id });
  socket.join(meeting_id);
  socket.emit("joined", { success: true, student_id, meeting_id, socket_id: socket.id });
  io.to(instructors(meeting_id)).emit("student_joined", { student_id, name, meeting_id });
}

function joinInstructor(socket, { instructor_id, meeting_id }) {
  socket.join(instructors(meeting_id));
  socket.emit("instructor_joined", { success: true, instructor_id, meeting_id });
}

async function triggerQuestions(socket, { meeting_id }) {
  const students = await participants.find({ meeting_id, status: "active" }).toArray();
  const drawn = await questions.aggregate([{ $sample: { size: students.length } }]).toArray();
  const assignments = [];
  for (const [place, { student_id, socket_id, name }] of students.entries()) {
    const { _id, question, options } = drawn[place];
    const sent_time = new Date();
    await studentQuestions.insertOne({
      student_id,
      question_id: _id,
      meeting_id,
      sent_time,
      status: "sent",
    });
    const question_id = _id.toString();
    io.to(socket_id).emit("NEW_QUESTION", { question_id, question, options, sent_time });
    assignments.push({ student_id, name, question_id, question });
  }
  socket.emit("questions_sent", { success: true, count: assignments.length, assignments });
}

async function submitAnswer(socket, { student_id, question_id, answer, response_time }) {
  const id = new ObjectId(question_id);
  const question = await questions.findOne({ _id: id });
  const correct = answer === question.correct;
  const timestamp = new Date();
  await responses.insertOne({
    student_id,
    question_id: id,
    answer,
    correct,
    timestamp,
    response_time,
  });
  const { name, meeting_id } = socket.data;
  const [stats] = await responses
    .aggregate([
      { $match: { question_id: id } },
      {
        $group: {
          _id: null,
          responses: { $sum: 1 },
          correct: { $sum: { $cond: ["$correct", 1, 0] } },
        },
      },
    ])
    .toArray();
  socket.emit("answer_result", { correct, correct_answer: question.correct, your_answer: answer });
  io.to(instructors(meeting_id)).emit("ANSWER_UPDATE", {
    student_id,
    student_name: name,
    question_id,
    answer,
    correct,
    stats: {
      responses: stats.responses,
      correct: stats.correct,
      accuracy: (100 * stats.correct) / stats.responses,
    },
    timestamp,
  });
}

io.on("connection", (socket) => {
  socket.emit("connected", { socket_id: socket.id });
  socket.on("join_student", (data) => joinStudent(socket, data));
  socket.on("join_instructor", (data) => joinInstructor(socket, data));
  socket.on("trigger_questions", (data) => triggerQuestions(socket, data));
  socket.on("submit_answer_ws", (data) => submitAnswer(socket, data));
  socket.on("disconnect", () =>
    participants.updateOne({ socket_id: socket.id }, { $set: { status: "inactive" } }),
  );
});

http.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => console.log(http.address().port));
