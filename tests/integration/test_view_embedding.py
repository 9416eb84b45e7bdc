"""Embedding views through the whole service: as the parent, as the embedded relation, and as the junction."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.server import Server
from tests.integration.client import Client, client_of

SCHEMA = (
    "CREATE TABLE student (id INT PRIMARY KEY, name VARCHAR(20))",
    "CREATE TABLE course (id INT PRIMARY KEY, title VARCHAR(20))",
    (
        "CREATE TABLE enrolment (student_id INT, course_id INT, grade INT, PRIMARY KEY (student_id, course_id), "
        "CONSTRAINT enrols FOREIGN KEY (student_id) REFERENCES student (id), "
        "CONSTRAINT given FOREIGN KEY (course_id) REFERENCES course (id))"
    ),
    "INSERT INTO student VALUES (1, 'Ada'), (2, 'Bob'), (3, 'Cy')",
    "INSERT INTO course VALUES (10, 'maths'), (20, 'music')",
    "INSERT INTO enrolment VALUES (1, 10, 1), (1, 20, 2), (2, 10, 5)",
    "CREATE VIEW passed AS SELECT course_id AS c, student_id AS s, grade FROM enrolment WHERE grade < 5",
    "CREATE VIEW pupil AS SELECT id AS number, upper(name) AS shouted FROM student WHERE id < 3",
    (
        "CREATE VIEW report AS SELECT s.id AS student, s.name, count(e.course_id) AS courses FROM student s "
        "LEFT JOIN enrolment e ON e.student_id = s.id GROUP BY s.id, s.name"
    ),
    (
        "CREATE VIEW listing AS SELECT e.student_id, e.course_id, s.name, c.title FROM enrolment e "
        "JOIN student s ON s.id = e.student_id JOIN course c ON c.id = e.course_id"
    ),
)


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with client_of(server, *SCHEMA) as client:
        yield client


def test_a_view_embeds_the_tables_its_table_refers_to(client: Client) -> None:
    assert client.rows("/passed?select=grade,student(name),course(title)&order=s,c") == [
        {"grade": 1, "student": {"name": "Ada"}, "course": {"title": "maths"}},
        {"grade": 2, "student": {"name": "Ada"}, "course": {"title": "music"}},
    ]


def test_a_view_is_embedded_in_place_of_its_table(client: Client) -> None:
    assert client.rows("/enrolment?select=grade,pupil(shouted)&order=grade.desc&limit=1") == [
        {"grade": 5, "pupil": {"shouted": "BOB"}}
    ]
    assert client.rows("/pupil?select=number,enrolment(grade)&order=number&enrolment.order=grade") == [
        {"number": 1, "enrolment": [{"grade": 1}, {"grade": 2}]},
        {"number": 2, "enrolment": [{"grade": 5}]},
    ]


def test_a_view_embeds_a_view(client: Client) -> None:
    assert client.rows("/pupil?select=number,passed(c)&order=number&passed.order=c") == [
        {"number": 1, "passed": [{"c": 10}, {"c": 20}]},
        {"number": 2, "passed": []},
    ]


def test_a_grouped_view_is_one_object_for_each_row_of_its_key(client: Client) -> None:
    assert client.rows("/enrolment?select=grade,report(courses)&order=grade") == [
        {"grade": 1, "report": {"courses": 2}},
        {"grade": 2, "report": {"courses": 2}},
        {"grade": 5, "report": {"courses": 1}},
    ]
    assert client.rows("/report/3") == {"student": 3, "name": "Cy", "courses": 0}


def test_the_junction_table_is_preferred_to_views_over_it(client: Client) -> None:
    assert client.rows("/student?select=name,course(title)&id=eq.2") == [
        {"name": "Bob", "course": [{"title": "maths"}]}
    ]


def test_a_view_over_the_junction_is_used_if_named(client: Client) -> None:
    assert client.rows("/student?select=name,course!passed(title)&id=eq.2") == [{"name": "Bob", "course": []}]
    assert client.rows("/student?select=name,course!listing(title)&id=eq.2") == [
        {"name": "Bob", "course": [{"title": "maths"}]}
    ]


def test_a_joining_view_has_the_key_of_its_first_table(client: Client) -> None:
    assert client.rows("/listing/1,20") == {"student_id": 1, "course_id": 20, "name": "Ada", "title": "music"}
    assert client.rows("/listing?select=title,student(name)&student_id=eq.2") == [
        {"title": "maths", "student": {"name": "Bob"}}
    ]


def test_a_grouped_view_is_read_only_and_a_single_table_view_is_writable(client: Client) -> None:
    assert client.request("OPTIONS", "/report").headers["Allow"] == "OPTIONS,GET,HEAD"
    assert client.request("OPTIONS", "/passed").headers["Allow"] == "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"
    answer = client.send("PATCH", "/passed?s=eq.1&c=eq.20", {"grade": 3}, "return=representation")
    assert answer.json == [{"c": 20, "s": 1, "grade": 3}]
    assert client.send("PATCH", "/report?student=eq.1", {"name": "x"}).status == 405
    restored = client.send("PATCH", "/passed?s=eq.1&c=eq.20", {"grade": 2})
    assert restored.status == 204
