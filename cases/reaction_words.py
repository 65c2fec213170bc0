"""Words that speak for themselves in how a customer takes an answer, in four languages; for folded text. Pure."""

import re


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(part for word in words for part in word.split(' / '))})(?!\w)")


# A sentence with a wish and a person in it asks for a person.
WISHES = _any(
    "want / would like / i'd like / wish / can / could / may / please / let me / put me / connect me / stop / no more"
    " / is there / isn't there / (?:would|'d|i'd|i would) (?:rather|prefer) / prefer / i need / insist / demand",
    "mochte / will / wurde / lieber / kann / konnte\\w* / konnen / bitte / geben sie / verbinden / keine .{0,40}mehr"
    " / gibt es / brauche / verlange / rufen sie",
    "prefere / prefererais / veux / voudrais / souhaite / puis-je / peux / peut / pouvez / pourr\\w+ / merci de"
    " / passez / arretez / plus de"
    " / y a-t-il / besoin / exige / s'il vous plait",
    "prefiero / preferiria / quiero / quisiera / puedo / podria\\w* / deseo / por favor / paseme / basta / hay"
    " / necesito / exijo / pueden",
)
PERSON = _any(
    "(?:speak|talk|chat|connect\\w*|through|transfer\\w*) .{0,25}(?:person|human|someone|somebody|agent|manager"
    "|supervisor|employee|colleague|representative|staff|boss|anyone)"
    " / (?:real|actual|living) (?:person|human|employee"
    "|people) / human being / a human / (?:call|ring|phone) (?:me|us) / callback / no more bots"
    " / (?:somebody|someone)"
    " in charge / (?:agent|someone|somebody|anyone) .{0,25}(?:ring|call|phone)"
    " / (?:agent|someone|somebody) to call / supervisor / your manager / ring up"
    " / than (?:with )?a (?:machine|robot|computer|bot) / in person / face to face",
    "mensch\\w* / mitarbeiter\\w* / vorgesetzt\\w* / teamleit\\w* / ansprechpartner\\w* / rufen sie (?:mich|uns)"
    " / zuruckrufen / ruckruf / (?:jemand|wer|kollege) .{0,25}anrufen / mich .{0,25}jemand / jemand\\w* .{0,20}"
    "(?:zustandig|sprechen|verantwortlich)\\w* / automatischen antworten / chef\\w* / berater\\w* / personlich"
    " / wo anrufen / irgendwo anrufen / telefonisch",
    "vraie personne / etre humain / un humain / conseill\\w+ / responsable / superieur / m'?e? ?rappele?r"
    " / me rappeler"
    " / rappelez-moi / m'appeler / appelez-moi / parler a (?:quelqu'un|une? \\w+)"
    " / quelqu'un .{0,30}(?:occuper|parler"
    "|repondre|telephoner) / reponses automatiques / directeur / de vive voix / en personne / par telephone",
    "hablar con / persona (?:de verdad|real|humana) / un humano / llamenme / llameme / llamarme / supervisor / jefe"
    " / responsable / alguien .{0,25}(?:llam\\w+|atender\\w*|hablar|ayudar\\w*) / respuestas automaticas"
    " / encargad[oa] / en persona / por telefono",
)
# Irony: what it means is left to a person.
IRONY = _any(
    "thanks for nothing / if you call that / call that .{0,12}(?:service|help|working) / (?:oh|ah|yeah|yay),? .{0,8}"
    "(?:great|brilliant|fantastic|wonderful|sure|right) / why didn't i think / brilliant idea / what a surprise"
    " / only (?:three|four|five|six|two|\\d+) (?:weeks|months|hours|days) / surely will",
    "danke fur nichts / wenn sie das .{0,12}nennen / (?:na|ach) (?:toll|bravo) / ja,? klar"
    " / geniale idee / welch eine uberraschung / nur (?:drei|vier|zwei|\\d+) (?:wochen|monate|tage)"
    " / ganz bestimmt",
    "merci pour rien / si vous appelez (?:ca|cela) / ah,? (?:genial|bravo) / mais bien sur"
    " / quelle idee brillante / jamais pense / quelle surprise / va surement",
    "gracias por nada / si a eso lo llaman / ah,? (?:que bien|genial|perfecto|claro) / que idea tan brillante"
    " / no se me ocurrio / que sorpresa / seguro que esta vez / solo (?:tres|dos|cuatro|\\d+) (?:semanas|meses|dias)",
)
