"""A skill is asked by name, with input that fits, and says who thought."""

import pytest
from pydantic import BaseModel, ValidationError

from agents import skills


class Count(BaseModel):
    text: str


class Counted(BaseModel):
    words: int


class CountWords(skills.Skill[Count, Counted]):
    """Toy: how many words."""

    name = "toy.count_words"
    version = "3"
    Input = Count
    Output = Counted

    def local(self, question: Count) -> skills.Answer[Counted]:
        return self.answer(Counted(words=len(question.text.split())), confidence=0.123456)


def test_a_skill_answers_by_name_and_refuses_what_does_not_fit():
    answer = skills.run("toy.count_words", {"text": "one two"})
    assert (answer.output.words, answer.confidence, answer.engine, answer.version) == (2, 0.1235, "local", "3")
    with pytest.raises(ValidationError):
        skills.run("toy.count_words", {"text": None})
    with pytest.raises(skills.UnknownSkillError):
        skills.run("toy.nothing", {})


def test_an_engine_in_front_may_answer_or_pass(monkeypatch):
    passed = []

    def other(skill, question, scope):
        passed.append(scope.line_of_business)
        return skills.Answer(Counted(words=99), engine="other") if question.text == "yes" else None

    monkeypatch.setattr(skills, "ENGINES", [other, skills.think_locally])
    assert skills.run("toy.count_words", {"text": "yes"}, skills.Scope(7)).output.words == 99
    assert skills.run("toy.count_words", {"text": "no"}, skills.Scope(7)).engine == "local"
    assert passed == [7, 7]


def test_two_skills_of_one_name_are_an_error():
    with pytest.raises(ValueError, match="two skills"):

        class Another(skills.Skill):
            name = "toy.count_words"
