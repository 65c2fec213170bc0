"""A skill is asked by name, with input that fits, and says who thought."""

import pytest
from pydantic import BaseModel, ValidationError

from agents import skills
from agents.skills.prompts import PromptMissingError, load_prompt
from tests.toy.skills import NameColour, NameColourSkill, WrittenColour


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


def test_a_prompt_is_found_by_name_versioned_by_content_and_filled_with_our_own_words():
    prompt = load_prompt(NameColourSkill, "name_colour")
    assert prompt == load_prompt(NameColourSkill, "name_colour")
    assert len(prompt.version) == 12
    assert "red, green, blue" in prompt.fill({"colours": "red, green, blue"})
    with pytest.raises(KeyError):
        prompt.fill({})
    with pytest.raises(PromptMissingError):
        load_prompt(NameColourSkill, "nothing")


def test_a_skill_refuses_what_a_model_made_up_and_grounds_the_rest_in_the_question():
    skill, letter = skills.get("toy.name_colour"), NameColour(message=7, sentences=["Hello.", "Paint it red."])
    assert skill.check(letter, WrittenColour(colour="red", sentence=2)) == []
    assert skill.check(letter, WrittenColour(colour="red", sentence=1)) == ["sentence 1 does not say red"]
    assert skill.check(letter, WrittenColour(colour="red", sentence=9)) == ["there is no sentence 9"]
    answer = skill.ground(letter, WrittenColour(colour="red", sentence=2))
    assert (answer.output.colour, answer.evidence[0].text) == ("red", "Paint it red.")


@pytest.mark.parametrize("skill", [one for one in skills.registered().values() if one.prompt], ids=lambda one: one.name)
def test_every_skill_with_a_prompt_says_what_is_shown_what_is_refused_and_what_is_evidence(skill):
    assert load_prompt(type(skill), skill.prompt).text
    for verb in ("show", "check", "ground"):
        assert getattr(type(skill), verb) is not getattr(skills.Skill, verb), f"{verb} is nobody's"
    written = skill.Written or skill.Output
    ids = {"message", "article", "passage", "case", "evidence", "quote"} & set(written.model_fields)
    assert not ids, f"a model would write {ids}"
