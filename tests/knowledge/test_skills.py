"""The passage that answers comes first, with the sentence that answers."""

from agents import embeddings, skills
from knowledge.asking import CandidatePassage, FindPassages

PASSAGES = [
    "Orders leave within two days. You can follow your parcel with the link in the shipping mail.",
    "Empty the tank first. Descale the machine every three months. Use one sachet per litre.",
    "Error E41 means that the water tank is missing. Push the tank in until it clicks.",
    "Für die Rücksendung drucken Sie das Etikett aus. Das Geld kommt nach zehn Tagen zurück.",
]


def ask(query, similar=True):
    rows = embeddings.embed([query, *PASSAGES])
    candidates = [
        CandidatePassage(
            passage=at, article=at, text=text, similarity=float(rows[0] @ rows[at + 1]) if similar else None
        )
        for at, text in enumerate(PASSAGES)
    ]
    return skills.run("knowledge.find_passages", FindPassages(query=query, candidates=candidates))


def test_the_best_sentence_is_quoted_as_it_stands_and_nothing_is_found_among_nothing():
    answer = ask("How often do I have to descale?")
    best = answer.output.passages[0]
    assert best.sentence == "Descale the machine every three months."
    assert PASSAGES[1][best.start : best.end] == best.sentence == answer.evidence[0].text
    nothing = skills.run("knowledge.find_passages", FindPassages(query="How often?"))
    assert (nothing.output.passages, nothing.confidence) == ([], 0)


def test_a_code_is_meant_literally():
    assert ask("machine says E41").output.passages[0].passage == 2


def test_words_alone_displace_none_of_the_nearest_and_tell_which_of_them_comes_first():
    near = [0.5, 0.499, 0.48, 0.47, 0.46, 0.459]
    texts = ["pump filter", "kettle", "tray", "hose", "scale", "kettle and lid of the kettle"]
    candidates = [
        CandidatePassage(passage=at, article=at, text=text, similarity=close)
        for at, (text, close) in enumerate(zip(texts, near, strict=True))
    ]
    found = skills.run("knowledge.find_passages", FindPassages(query="kettle", candidates=candidates))
    assert [one.passage for one in found.output.passages] == [1, 0, 2, 3, 4, 5]
    assert ask("parcel").output.passages[0].passage == 0


def test_what_an_article_says_elsewhere_counts_for_its_passages():
    texts = [(1, "Clean the kettle with vinegar."), (2, "We pay the way back."), (2, "A kettle is returned unused.")]
    candidates = [
        CandidatePassage(passage=at, article=article, text=text, similarity=near)
        for at, ((article, text), near) in enumerate(zip(texts, [0.5, 0.48, 0.3], strict=True))
    ]
    asked = FindPassages(query="Is the way back free for an unused kettle that is returned?", candidates=candidates)
    assert [one.passage for one in skills.run("knowledge.find_passages", asked).output.passages] == [1, 0, 2]


def test_without_an_encoder_the_words_lead_and_n_grams_put_ties_in_order(monkeypatch):
    texts = ["tray and hose", "kettle and lid", "kettle and hose", "scale and tray"]
    candidates = [
        CandidatePassage(passage=at, article=at, text=text, similarity=close)
        for at, (text, close) in enumerate(zip(texts, [0.5, 0.2, 0.3, 0.4], strict=True))
    ]
    question = FindPassages(query="Where is the kettle?", language="en", candidates=candidates)
    with_meaning = skills.run("knowledge.find_passages", question).output.passages
    monkeypatch.setattr(embeddings, "find_model", lambda: None)
    found = skills.run("knowledge.find_passages", question).output.passages
    assert [one.passage for one in found] == [2, 1, 0, 3]
    assert with_meaning[0].passage == 0 or embeddings.engine() == embeddings.NGRAMS
    question.query = "Where is the toaster?"
    unknown = skills.run("knowledge.find_passages", question).output.passages
    assert [one.passage for one in unknown] == [0, 3, 2, 1], "where no word is shared, n-grams fill up"
    assert unknown[0].confidence < found[0].confidence


def test_without_comparable_vectors_the_words_decide():
    answer = ask("Wann kommt das Geld für meine Rücksendung?", similar=False)
    assert answer.output.passages[0].passage == 3
    assert answer.output.passages[0].sentence.startswith("Das Geld")


def test_confidence_falls_for_what_no_passage_answers():
    assert (
        ask("How often should I descale the machine?").confidence > 0.6 > 0.3 > ask("Do you hire students?").confidence
    )
