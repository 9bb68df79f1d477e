// Rounds over a bank of every type, as a client written for the original plays them: it knows
// options and one answer, `answer: 0`. Prints one JSON line: each student's questions and verdicts.
import { io } from "socket.io-client";

const [url, token, transport, rounds] = process.argv.slice(2);
const patience = 20_000 * Number(process.env.LIVEQUIZ_TEST_PATIENCE || 1);
const log = [];

function client() {
  return io(url, { transports: [transport] });
}

function once(socket, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event}`)), patience);
    socket.once(event, (data) => {
      clearTimeout(timer);
      resolve(data);
    });
  });
}

const instructor = client();
await once(instructor, "connected");
const opened = once(instructor, "instructor_joined");
instructor.emit("join_instructor", { instructor_id: "I001", meeting_id: "TEST", token });
await opened;

const students = [];
for (const student_id of ["S001", "S002", "S003"]) {
  const socket = client();
  await once(socket, "connected");
  const joined = once(socket, "joined");
  socket.emit("join_student", { student_id, meeting_id: "TEST", name: student_id });
  await joined;
  students.push([student_id, socket]);
}

for (let number = 0; number < Number(rounds); number++) {
  const questions = students.map(([, socket]) => once(socket, "NEW_QUESTION"));
  const closed = once(instructor, "round_closed");
  instructor.emit("trigger_questions", { meeting_id: "TEST" });
  await Promise.all(
    students.map(async ([student_id, socket], place) => {
      const question = await questions[place];
      const result = once(socket, "answer_result");
      socket.emit("submit_answer_ws", {
        student_id,
        question_id: question.question_id,
        answer: 0,
        response_time: number % 2 ? -0.5 : 1.5,
      });
      log.push({ number, student_id, question, result: await result });
    }),
  );
  log.push({ number, closed: (await closed).reason });
}
console.log(JSON.stringify(log));
process.exit(0);
