"""The event names on the wire."""

from __future__ import annotations

from typing import Final

# student -> server
JOIN_STUDENT: Final = "join_student"
SUBMIT_ANSWER: Final = "submit_answer_ws"
LEAVE: Final = "leave"
TIME_SYNC: Final = "time_sync"
GET_HISTORY: Final = "get_history"
GET_PRACTICE: Final = "get_practice"
PRACTICE_ANSWER: Final = "practice_answer"

# instructor -> server
JOIN_INSTRUCTOR: Final = "join_instructor"
TRIGGER_QUESTIONS: Final = "trigger_questions"
CLOSE_ROUND: Final = "close_round"
EXTEND_ROUND: Final = "extend_round"
REMOVE_STUDENT: Final = "remove_student"
LOCK_MEETING: Final = "lock_meeting"
SET_STUDENT: Final = "set_student"
LIST_QUESTIONS: Final = "list_questions"
PREVIEW_ROUND: Final = "preview_round"
GET_SNAPSHOT: Final = "get_snapshot"
SHOW_RESULTS: Final = "show_results"
GET_FIGURES: Final = "get_figures"
GET_QUESTION: Final = "get_question"
EDIT_QUESTION: Final = "edit_question"
RETIRE_QUESTION: Final = "retire_question"
SHOW_LEADERBOARD: Final = "show_leaderboard"

# server -> student
CONNECTED: Final = "connected"
JOINED: Final = "joined"
NEW_QUESTION: Final = "NEW_QUESTION"
ANSWER_RESULT: Final = "answer_result"
ROUND_CLOSED: Final = "round_closed"  # also to instructors, with a summary
ROUND_EXTENDED: Final = "round_extended"  # also to instructors
REMOVED: Final = "removed"
PRESENCE_UPDATED: Final = "presence_updated"
LEADERBOARD: Final = "leaderboard"
ERROR: Final = "error"

# server -> instructor
INSTRUCTOR_JOINED: Final = "instructor_joined"
STUDENT_JOINED: Final = "student_joined"
STUDENT_LEFT: Final = "student_left"
QUESTIONS_SENT: Final = "questions_sent"
ANSWER_UPDATE: Final = "ANSWER_UPDATE"
ANSWER_UPDATES: Final = "ANSWER_UPDATES"
MEETING_UPDATED: Final = "meeting_updated"
