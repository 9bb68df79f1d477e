"""Maps MongoDB documents to domain values and back.

The driver reads every 64-bit integer as an `Int64`. That is a subclass of int, but the wire codec
rejects it, so no `Int64` may leave this package.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

import bson
from bson import ObjectId
from bson.raw_bson import RawBSONDocument

from livequiz.db.client import Document
from livequiz.domain.model import (
    ALL_TYPES,
    ORIGINAL_TYPES,
    Answer,
    Assignment,
    AssignmentStatus,
    CloseReason,
    Counts,
    Difficulty,
    Draft,
    DrawRecord,
    DrawRule,
    Filters,
    Key,
    LeaderboardView,
    Meeting,
    NamesAs,
    NeverTwice,
    Number,
    PointsFor,
    Presence,
    Question,
    QuestionType,
    Response,
    Reveal,
    Round,
    RoundState,
    Sampling,
    Scoring,
    Student,
    Way,
)


def new_id() -> str:
    """Return a new identifier for a round."""
    return str(ObjectId())


def content_hash(draft: Draft) -> str:
    """Return the hash that identifies duplicates: of type, text, options and key."""
    parts = [draft.type.value, draft.text, list(draft.options), _key_document(draft.correct)]
    canonical = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def question_document(draft: Draft, created_at: datetime) -> Document:
    """Return a question as a document."""
    return {
        "question": draft.text,
        "options": list(draft.options),
        "correct": _key_document(draft.correct),
        "created_at": created_at,
        "type": draft.type.value,
        "points": draft.points,
        "time_limit": draft.time_limit,
        "topics": list(draft.topics),
        "difficulty": draft.difficulty.value if draft.difficulty else None,
        "explanation": draft.explanation,
        "source": draft.source,
        "content_hash": content_hash(draft),
        **_grading_document(draft),
    }


def _grading_document(draft: Draft) -> Document:
    """Return the grading fields that differ from their defaults."""
    return {
        name: value
        for name, value, usual in (
            ("weights", list(draft.weights), []),
            ("scoring", draft.scoring.value, Scoring.ALL.value),
            ("case_sensitive", draft.case_sensitive, False),
            ("wildcards", draft.wildcards, False),
        )
        if value != usual
    }


def to_question(document: Document) -> Question:
    """Read a question; those stored by the original LiveQuiz have only its four fields."""
    if not isinstance(document["options"], list):
        raise TypeError("`options` is no list")  # a string would be split into its characters
    return Question(
        id=str(document["_id"]),
        text=document["question"],
        options=tuple(document["options"]),
        correct=_to_key(document["correct"]),
        created_at=document["created_at"],
        type=QuestionType(document.get("type", QuestionType.SINGLE)),
        weights=tuple(float(weight) for weight in document.get("weights", ())),
        scoring=Scoring(document.get("scoring", Scoring.ALL)),
        case_sensitive=document.get("case_sensitive", False),
        wildcards=document.get("wildcards", False),
        points=_points(document.get("points", 1)),
        time_limit=document.get("time_limit"),
        topics=topics_of(document),
        difficulty=_optional(Difficulty, document.get("difficulty")),
        explanation=document.get("explanation"),
        source=document.get("source"),
    )


def _points(stored: float) -> float:
    return int(stored) if float(stored).is_integer() else float(stored)


def _key_document(key: Key) -> Any:
    if isinstance(key, int):
        return key
    return [
        {"value": each.value, "tolerance": each.tolerance} if isinstance(each, Number) else each
        for each in key
    ]


def _to_key(stored: Any) -> Key:
    if not isinstance(stored, list):
        return int(stored)
    if stored and isinstance(stored[0], dict):
        return tuple(Number(float(n["value"]), float(n["tolerance"])) for n in stored)
    if stored and isinstance(stored[0], str):
        return tuple(stored)
    return tuple(int(place) for place in stored)


def topics_of(document: Document) -> tuple[str, ...]:
    """Return a question's topics; a single one may have been stored as a plain string."""
    topics = document.get("topics") or []
    several = topics if isinstance(topics, list) else [topics]
    return tuple(topic for topic in several if isinstance(topic, str))


def to_student(document: Document) -> Student:
    """Read a participant; True means every type (see `participants.STUDENT_FIELDS`)."""
    types = document.get("question_types", ORIGINAL_TYPES)
    return Student(
        id=document["student_id"],
        meeting_id=document["meeting_id"],
        name=document["name"],
        presence=Presence(document["status"]),
        joined_at=document["joined_at"],
        total_points=document.get("total_points", 0),
        streak=document.get("streak", 0),
        time_factor=float(document.get("time_factor", 1.0)),
        scored_round=document.get("scored_round"),
        question_types=ALL_TYPES if types is True else _question_types(tuple(types)),
        way=WAYS.get(document.get("way")),
        last_seen=document.get("last_seen"),
        practised=int(document.get("practised", 0)),
    )


WAYS: dict[str | None, Way] = {way.value: way for way in Way}


@cache  # a class shares a few distinct values
def _question_types(stored: tuple[str, ...]) -> frozenset[QuestionType]:
    return frozenset(kind for kind in QuestionType if kind in stored)


def to_meeting(document: Document) -> Meeting:
    """Read a meeting."""
    if document.get("schema_version", 1) != 1:
        raise ValueError("another version of LiveQuiz stored it")
    settings = document.get("settings", {})
    return Meeting(
        id=document["_id"],
        created_at=document["created_at"],
        locked=document["locked"],
        banned=frozenset(settings.get("banned", ())),
        results_of=settings.get("results_of") or None,
        leaderboard=_leaderboard(settings.get("leaderboard")),
        title=settings.get("title", ""),
        class_name=settings.get("class", ""),
        archived=settings.get("archived", False),
    )


def leaderboard_document(view: LeaderboardView) -> Document:
    """Return a leaderboard's view as a document."""
    return {
        "round_id": view.round_id,
        "top": view.top,
        "names": view.names_as.value,
        "seed": view.seed,
    }


def _leaderboard(document: Document | None) -> LeaderboardView | None:
    if document is None:
        return None
    return LeaderboardView(
        document["round_id"],
        int(document["top"]),
        NamesAs(document["names"]),
        int(document["seed"]),
    )


def assignment_document(assignment: Assignment) -> Document:
    """Return an assignment as a document."""
    return {
        "student_id": assignment.student_id,
        "question_id": ObjectId(assignment.question_id),
        "meeting_id": assignment.meeting_id,
        "round_id": ObjectId(assignment.round_id),
        "sent_time": assignment.sent_time,
        "deadline": assignment.deadline,
        "status": assignment.status.value,
        "option_order": list(assignment.option_order),
        **({"early": assignment.early} if assignment.early else {}),
        **(
            {"question_types": sorted(assignment.question_types)}
            if assignment.question_types != ALL_TYPES
            else {}
        ),
    }


def assignment_documents(assignments: Iterable[Assignment]) -> list[RawBSONDocument]:
    """Return assignments as BSON-encoded documents, each with an `_id`."""
    return [
        RawBSONDocument(bson.encode({"_id": ObjectId(), **assignment_document(assignment)}))
        for assignment in assignments
    ]


def to_assignment(document: Document) -> Assignment:
    """Read an assignment."""
    types = document.get("question_types")
    return Assignment(
        round_id=str(document["round_id"]),
        meeting_id=document["meeting_id"],
        student_id=document["student_id"],
        question_id=str(document["question_id"]),
        sent_time=document["sent_time"],
        deadline=document["deadline"],
        status=AssignmentStatus(document["status"]),
        option_order=tuple(document.get("option_order", ())),
        early=document.get("early", 0.0),
        question_types=ALL_TYPES if types is None else _question_types(tuple(types)),
    )


def response_document(response: Response) -> Document:
    """Return a response as a document."""
    return {
        "student_id": response.student_id,
        "question_id": ObjectId(response.question_id),
        "answer": list(answer) if isinstance(answer := response.answer, tuple) else answer,
        "correct": response.correct,
        "timestamp": response.timestamp,
        "response_time": response.response_time,
        "meeting_id": response.meeting_id,
        "round_id": ObjectId(response.round_id),
        "points": response.points,
        "client_response_time": response.client_response_time,
    }


def to_response(document: Document) -> Response:
    """Read a response."""
    return Response(
        round_id=str(document["round_id"]),
        meeting_id=document["meeting_id"],
        student_id=document["student_id"],
        question_id=str(document["question_id"]),
        answer=_to_answer(document["answer"]),
        correct=document["correct"],
        points=document["points"],
        response_time=document["response_time"],
        timestamp=document["timestamp"],
        client_response_time=document.get("client_response_time"),
    )


def _to_answer(stored: Any) -> Answer:
    if isinstance(stored, list):
        return tuple(int(place) for place in stored)
    answer: Answer = stored if isinstance(stored, str | float) else int(stored)
    return answer


def round_document(quiz_round: Round) -> Document:
    """Return a round as a document."""
    filters = quiz_round.filters
    chosen = [ObjectId(question_id) for question_id in sorted(filters.question_ids)]
    return {
        "_id": ObjectId(quiz_round.id),
        "meeting_id": quiz_round.meeting_id,
        "number": quiz_round.number,
        "state": quiz_round.state.value,
        "opened_at": quiz_round.opened_at,
        "deadline": quiz_round.deadline,
        "closed_at": quiz_round.closed_at,
        "reason": quiz_round.reason.value if quiz_round.reason else None,
        "filters": {
            "topics": list(filters.topics),
            "difficulty": filters.difficulty.value if filters.difficulty else None,
            "shuffle_options": filters.shuffle_options,
            "allow_repeats": filters.allow_repeats,
            **({"question_ids": chosen} if chosen else {}),
            **({"draw_rules": list(filters.draw_rules)} if filters.draw_rules else {}),
        },
        "reveal": quiz_round.reveal.value,
        "distinct": quiz_round.distinct,
        "warnings": list(quiz_round.warnings),
        "draw_seed": quiz_round.draw_seed,
        "counts": counts_document(quiz_round.counts),
        **({"own_limits": True} if quiz_round.own_limits else {}),
        **(
            {"points_for": quiz_round.points_for.value}
            if quiz_round.points_for is not PointsFor.ACCURACY
            else {}
        ),
        **({"draw": _draw_document(quiz_round.draw)} if quiz_round.draw else {}),
    }


def _draw_document(draw: DrawRecord) -> Document:
    found: Document = {
        "students": draw.students,
        "candidates": draw.candidates,
        "questions": draw.questions,
        "history": draw.history,
        "sampling": draw.sampling.value,
        "never_twice": draw.never_twice.value,
    }
    if draw.ease is not None:
        found |= {"ease": draw.ease, "ease_until": draw.ease_until}
    return found


def _to_draw_record(stored: Document | None) -> DrawRecord | None:
    if stored is None:
        return None
    return DrawRecord(
        students=int(stored["students"]),
        candidates=int(stored["candidates"]),
        questions=stored["questions"],
        history=stored["history"],
        sampling=Sampling(stored["sampling"]),
        never_twice=NeverTwice(stored["never_twice"]),
        ease=stored.get("ease"),
        ease_until=stored.get("ease_until"),
    )


def counts_document(counts: Counts) -> Document:
    """Return a round's counts as a document."""
    return {
        "assigned": counts.assigned,
        "answered": counts.answered,
        "correct": counts.correct,
    }


def to_round(document: Document) -> Round:
    """Read a round."""
    filters = document["filters"]
    return Round(
        id=str(document["_id"]),
        meeting_id=document["meeting_id"],
        number=document["number"],
        state=RoundState(document["state"]),
        opened_at=document["opened_at"],
        deadline=document["deadline"],
        closed_at=document["closed_at"],
        reason=_optional(CloseReason, document["reason"]),
        filters=Filters(
            topics=tuple(filters["topics"]),
            difficulty=_optional(Difficulty, filters["difficulty"]),
            shuffle_options=filters["shuffle_options"],
            allow_repeats=filters["allow_repeats"],
            question_ids=frozenset(map(str, filters.get("question_ids", ()))),
            draw_rules=tuple(map(DrawRule, filters.get("draw_rules", ()))),
        ),
        reveal=Reveal(document["reveal"]),
        distinct=document["distinct"],
        warnings=tuple(document["warnings"]),
        draw_seed=int(document["draw_seed"]),
        counts=Counts(**document["counts"]),
        own_limits=document.get("own_limits", False),
        points_for=PointsFor(document.get("points_for", PointsFor.ACCURACY)),
        draw=_to_draw_record(document.get("draw")),
    )


def _optional(kind: Any, value: object) -> Any:
    return kind(value) if value is not None else None
