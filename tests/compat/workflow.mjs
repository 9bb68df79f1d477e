// The original's workflow, as a client written for the original walks it: it listens to named
// events and ignores every ack. Prints one JSON line: what each client was sent, in order.
import { io } from "socket.io-client";

const [url, token, transports] = process.argv.slice(2);
const STUDENTS = [
  ["S001", "Alice Johnson", true],
  ["S002", "Bob Smith", false],
  ["S003", "Charlie Brown", true],
];
const KEYS = JSON.parse(process.env.KEYS); // question text -> 0-based index of the key
const log = {};

function client(name) {
  const socket = io(url, transports ? { transports: transports.split(",") } : {});
  log[name] = [];
  socket.onAny((event, data) => log[name].push([event, data]));
  return socket;
}

function once(socket, event, accept = () => true) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event}`)), 10_000 * Number(process.env.LIVEQUIZ_TEST_PATIENCE || 1));
    socket.on(event, function listen(data) {
      if (!accept(data)) return;
      clearTimeout(timer);
      socket.off(event, listen);
      resolve(data);
    });
  });
}

const instructor = client("instructor");
await once(instructor, "connected");
const opened = once(instructor, "instructor_joined");
instructor.emit("join_instructor", { instructor_id: "I001", meeting_id: "TEST", token });
await opened;

const students = [];
for (const [student_id, name] of STUDENTS) {
  const socket = client(student_id);
  await once(socket, "connected");
  const joined = once(socket, "joined");
  const seen = once(instructor, "student_joined");
  socket.emit("join_student", { student_id, meeting_id: "TEST", name });
  await Promise.all([joined, seen]);
  students.push(socket);
}

const questions = students.map((socket) => once(socket, "NEW_QUESTION"));
const sent = once(instructor, "questions_sent");
instructor.emit("trigger_questions", { meeting_id: "TEST" });
await sent;

for (const [place, [student_id, , right]] of STUDENTS.entries()) {
  const question = await questions[place];
  const key = KEYS[question.question];
  const answer = right ? key : (key + 1) % question.options.length;
  const result = once(students[place], "answer_result");
  const update = once(instructor, "ANSWER_UPDATE");
  students[place].emit("submit_answer_ws", {
    student_id,
    question_id: question.question_id,
    answer,
    response_time: 2.5,
  });
  await Promise.all([result, update]);
}

const left = once(instructor, "student_left");
students[2].disconnect();
await left;
const wrong = once(students[0], "error");
students[0].emit("submit_answer_ws", { student_id: "S002", question_id: 7 });
await wrong;
console.log(JSON.stringify(log));
process.exit(0);
