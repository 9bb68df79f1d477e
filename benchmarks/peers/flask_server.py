"""The original design as it is described: Flask-SocketIO, eventlet and PyMongo.

For each student: insert an assignment, then emit its question to its room. For each answer: find
the question, insert the response, aggregate the statistics over the question's responses, emit
the verdict to the student and the statistics to the instructors.

Arguments: the URL of a MongoDB and the name of a database that holds questions. It prints the
port that it listens on.
"""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from typing import Any  # noqa: E402

import eventlet.wsgi  # noqa: E402
from bson import ObjectId  # noqa: E402
from flask import Flask, request  # noqa: E402
from flask_socketio import SocketIO, emit, join_room  # noqa: E402
from pymongo import ASCENDING, DESCENDING, MongoClient  # noqa: E402

MONGO_URL, DATABASE = sys.argv[1:3]
# Generous, so that no limit of the server that carries it is what is measured.
BACKLOG, CONNECTIONS = 4_096, 10_000

app = Flask(__name__)
socketio = SocketIO(app, async_mode="eventlet")
client: MongoClient[dict[str, Any]] = MongoClient(MONGO_URL, tz_aware=True)
db = client[DATABASE]

db.questions.create_index([("created_at", ASCENDING)])
db.participants.create_index([("student_id", ASCENDING), ("meeting_id", ASCENDING)], unique=True)
db.participants.create_index([("meeting_id", ASCENDING)])
db.participants.create_index([("socket_id", ASCENDING)])
db.student_questions.create_index([("student_id", ASCENDING), ("question_id", ASCENDING)])
db.student_questions.create_index([("meeting_id", ASCENDING)])
db.student_questions.create_index([("sent_time", DESCENDING)])
db.responses.create_index([("student_id", ASCENDING), ("question_id", ASCENDING)])
db.responses.create_index([("question_id", ASCENDING)])
db.responses.create_index([("timestamp", DESCENDING)])

people: dict[str, tuple[str, str]] = {}  # name and meeting by socket id


def instructors(meeting_id: str) -> str:
    return f"instructors:{meeting_id}"


@socketio.on("connect")
def connect(auth: object = None) -> None:
    emit("connected", {"socket_id": request.sid})


@socketio.on("disconnect")
def disconnect(reason: object = None) -> None:
    people.pop(request.sid, None)
    db.participants.update_one({"socket_id": request.sid}, {"$set": {"status": "inactive"}})


@socketio.on("join_student")
def join_student(data: dict[str, Any]) -> None:
    student_id, meeting_id = data["student_id"], data["meeting_id"]
    db.participants.update_one(
        {"student_id": student_id, "meeting_id": meeting_id},
        {
            "$set": {"socket_id": request.sid, "name": data["name"], "status": "active"},
            "$setOnInsert": {"joined_at": datetime.now(UTC)},
        },
        upsert=True,
    )
    people[request.sid] = data["name"], meeting_id
    join_room(meeting_id)
    joined = {"student_id": student_id, "meeting_id": meeting_id}
    emit("joined", {"success": True, **joined, "socket_id": request.sid})
    emit("student_joined", {**joined, "name": data["name"]}, to=instructors(meeting_id))


@socketio.on("join_instructor")
def join_instructor(data: dict[str, Any]) -> None:
    join_room(instructors(data["meeting_id"]))
    joined = {"instructor_id": data["instructor_id"], "meeting_id": data["meeting_id"]}
    emit("instructor_joined", {"success": True, **joined})


@socketio.on("trigger_questions")
def trigger_questions(data: dict[str, Any]) -> None:
    meeting_id = data["meeting_id"]
    students = list(db.participants.find({"meeting_id": meeting_id, "status": "active"}))
    questions = list(db.questions.aggregate([{"$sample": {"size": len(students)}}]))
    assignments = []
    for student, question in zip(students, questions, strict=True):
        sent_time = datetime.now(UTC)
        db.student_questions.insert_one(
            {
                "student_id": student["student_id"],
                "question_id": question["_id"],
                "meeting_id": meeting_id,
                "sent_time": sent_time,
                "status": "sent",
            }
        )
        emit(
            "NEW_QUESTION",
            {
                "question_id": str(question["_id"]),
                "question": question["question"],
                "options": question["options"],
                "sent_time": sent_time.isoformat(),
            },
            to=student["socket_id"],
        )
        assignments.append(
            {
                "student_id": student["student_id"],
                "name": student["name"],
                "question_id": str(question["_id"]),
                "question": question["question"],
            }
        )
    sent = {"success": True, "count": len(assignments), "assignments": assignments}
    emit("questions_sent", sent)


@socketio.on("submit_answer_ws")
def submit_answer(data: dict[str, Any]) -> None:
    student_id, question_id = data["student_id"], ObjectId(data["question_id"])
    question = db.questions.find_one({"_id": question_id})
    assert question is not None  # noqa: S101
    correct = data["answer"] == question["correct"]
    timestamp = datetime.now(UTC)
    db.responses.insert_one(
        {
            "student_id": student_id,
            "question_id": question_id,
            "answer": data["answer"],
            "correct": correct,
            "timestamp": timestamp,
            "response_time": data["response_time"],
        }
    )
    name, meeting_id = people[request.sid]
    group = {
        "_id": None,
        "responses": {"$sum": 1},
        "correct": {"$sum": {"$cond": ["$correct", 1, 0]}},
    }
    pipeline: list[dict[str, Any]] = [{"$match": {"question_id": question_id}}, {"$group": group}]
    (stats,) = db.responses.aggregate(pipeline)
    emit(
        "answer_result",
        {
            "correct": correct,
            "correct_answer": question["correct"],
            "your_answer": data["answer"],
        },
    )
    emit(
        "ANSWER_UPDATE",
        {
            "student_id": student_id,
            "student_name": name,
            "question_id": str(question_id),
            "answer": data["answer"],
            "correct": correct,
            "stats": {
                "responses": stats["responses"],
                "correct": stats["correct"],
                "accuracy": 100 * stats["correct"] / stats["responses"],
            },
            "timestamp": timestamp.isoformat(),
        },
        to=instructors(meeting_id),
    )


listener = eventlet.listen(("127.0.0.1", 0), backlog=BACKLOG)
print(listener.getsockname()[1], flush=True)  # noqa: T201
eventlet.wsgi.server(listener, app, log_output=False, max_size=CONNECTIONS)
