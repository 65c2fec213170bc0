"""Marks of how a customer takes an answer, in the languages we answer in; for folded text. Pure."""

import re


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(part for word in words for part in word.split(' / '))})(?!\w)")


# Something works, or was helpful.
WORKS = _any(
    "works? / worked / working / runs / fixed / solved / resolved / sorted / helped / helps? / did it"
    " / the trick / back online / is back / answers? (?:my|the|all|our) / (?:is|was|are) answered"
    " / starts? (?:up|right|again)"
    " / suits? / add up / succeeded / successful / goes through",
    "funktioniert / funktionieren / funktionierte / klappt / klappte / geklappt / lauft"
    " / geht(?! (?:es )?(?:um|mir um)) / ging(?! (?:es )?(?:um|mir|ja|schnell|aber))"
    " / passt mir / springt .{0,12}an / startet / ist (?:wieder )?da"
    " / geholfen / hilft / erledigt / gelost / behoben / das war es / das wars / beantwortet / geschafft / gebracht",
    "marche / marchent / fonctionne\\w* / resolue? / reglee? / repare\\w* / revenue? / aide / aidee? / repond\\w*"
    " / repondu / servi / convient / demarre\\w*",
    "funciona\\w* / funciono / sirve / sirvio / resuelt[oa] / solucionad[oa] / arreglad[oa] / ayuda / ayudo"
    " / ayudaron"
    " / ayudado / responde\\w* / respondid[oa] / volvio la / me viene bien"
    " / arranca\\w*",
)
# Something came, was accepted or went through.
ARRIVED = _any(
    "received / arrived / turned up / showed up / came / accepted / went through / came through / refunded / moved",
    "angekommen / erschienen / gekommen / erhalten / eingegangen / angenommen / ging durch / ging jetzt durch"
    " / eingetroffen / erstattet",
    "bien recue? / recue? / arrivee? / venue? / arrives? / acceptee? / est passee? / rembourse / remboursee / bouge",
    "recibid[oa] / llego / llegado / vino / venido / aceptad[oa] / acepta / entro / reembolsad[oa] / mueve",
)
# Said of what was wanted, in one word.
SETTLED = _any(
    "all good / all is well / in order / that'?s all (?:i|we) needed(?: to know)? / all i needed / makes sense"
    " / case closed / (?:you )?(?:can|may) close / no further help / no longer needed / good to go / solved it"
    " / perfect / understood",
    "alles klar / alles bestens / alles gut / alles in ordnung / in ordnung / passt so / passt / perfekt"
    " / (?<!falsch )verstanden"
    " / (?:konnen|konnt) .{0,30}(?:schliessen|zumachen) / hat sich erledigt",
    "c'est parfait / parfait / en ordre / c'est bon / besoin de rien d'autre / (?:pouvez|peux) (?:clore|fermer)"
    " / etait la bonne / tout va bien / compris",
    "todo en orden / en orden / todo bien / perfecto / (?:pueden|puede) cerrar / era el bueno / entendido",
)
# A trouble, as customers name one.
TROUBLE = _any(
    "problems? / issues? / errors?(?: messages?)? / faults? / trouble / leak\\w* / noise / loud / broken / dark"
    " / blank / empty / stuck / fail\\w* / dead / crash\\w* / slip\\w* / blink\\w* / refus\\w* / reject\\w*"
    " / wrong / damaged",
    "problem\\w* / fehler\\w* / storung\\w* / tropft / leckt / undicht / laut / kaputt / tot / dunkel / leere?"
    " / defekt"
    " / blinkt / gesprungen / abgesturzt / verweigert / abgelehnt / falsch\\w* / beschadigt",
    "problemes? / erreurs?(?: \\w+)? / message d'erreur / pannes? / fuit / fuite / bruit / morte? / bloque\\w*"
    " / casse\\w* / noir / page vide"
    " / refuse\\w* / saute / plante / clignote / mauvaise? / abime\\w*",
    "problemas? / error(?:es)? / fallos? / averias? / gotea / fuga / ruido / muert[oa] / bloquead[oa] / rot[oa]"
    " / negra / en rojo / en blanco"
    " / rechaza\\w* / saltar / parpadea / equivocad[oa] / danad[oa]",
)
NOT = _any(
    "not / no / never / nothing / none / nope / without / \\w+n't / dont / doesnt"
    " / didnt / cannot / unable / hardly / neither",
    "nicht / nichts / kein\\w* / nie / niemals / nein / ohne / weder / kaum",
    "pas / ne / n / jamais / rien / aucune? / sans / non / ni",
    "no / nunca / nada / sin / ningun\\w* / ni / tampoco / jamas",
)
# A trouble that was and is no more.
NO_MORE = _any(
    "any ?more / no more / no longer / no further",
    "nicht mehr / nichts mehr / keine\\w* .{0,20}mehr",
    "ne \\w+ plus / n'\\w+ plus / plus aucune? / plus de",
    "ya no / no .{0,30}mas / ningun\\w* .{0,20}mas",
)
# What was before is so now: said with a good thing, good news.
NOW = _any(
    "again / now / at last / finally / first time / since the update",
    "wieder / jetzt / nun / endlich / inzwischen / seit",
    "de nouveau / a nouveau / maintenant / enfin / du premier coup",
    "otra vez / de nuevo / ya / ahora / por fin / a la primera",
)
# No change: the answer did not help.
IN_VAIN = _any(
    "(?:the )?same (?:error|problem|issue|message|thing|result|fault) / worse / regardless"
    " / no (?:difference|change|effect|luck"
    "|success|improvement) / to no avail / as .{1,20} as (?:it was|before|ever)"
    " / (?:have|had|i've|i) already (?:tried"
    "|done|did) .* / nothing (?:has )?(?:arrived|changed|happened|helped) / (?:keeps?|kept) \\w+ing",
    "(?:der|die|das|den)?selben? (?:fehler\\w*|problem) / (?:der|die|das) gleichen? (?:fehler\\w*|problem)"
    " / schlimmer / schlechter / trotzdem / dennoch / keine (?:besserung|anderung|wirkung|veranderung)"
    " / ohne erfolg / vergeblich"
    " / schon .{0,30}(?:probiert|versucht|gemacht) / ins leere / nichts (?:gebracht|geandert|genutzt)"
    " / bleibt dunkel",
    "(?:la |le )?meme (?:erreur|probleme|message|panne) / pire / aucun (?:changement|effet|resultat) / sans succes"
    " / en vain / deja (?:fait|essaye|tente) / impossible / reste (?:rouge|noir|bloque\\w*)"
    " / rien (?:n'est|ne|de plus)",
    "(?:el )?mismo (?:error|problema|mensaje|fallo) / peor / ningun (?:cambio|efecto) / sin exito / en vano"
    " / ya lo .{0,20}(?:probado|intentado|hecho) / y nada / imposible / no pude / nada (?:cambio|llego)",
)
STILL = _any(
    "still / yet / stays / remains / keeps", "immer noch / bleibt / trotzdem / noch immer / nach wie vor"
    " / weiterhin / noch nicht / weiter",
    "toujours / encore / reste", "sigue / siguen / todavia / aun",
)  # fmt: skip
# It held, and then it did not.
THEN_AGAIN = re.compile(
    r"\b(?:then|dann|puis|luego|despues)\b.*\b(?:again|wieder|a nouveau|de nouveau|volvio|otra vez)\b"
)
DISAGREES = _any(
    "(?:do not|don't|cannot|can't) (?:accept|agree) / disagree / unacceptable / object to / contest"
    " / misread / misunderst\\w+ / missed (?:my|the) (?:point|question) / not what i (?:asked|meant|wanted)",
    "missverstanden / falsch verstanden / nicht einverstanden / akzeptiere .{0,30}nicht / inakzeptabel"
    " / widerspreche / lege widerspruch",
    "mal compris / mal lu / a cote de la question / conteste / pas d'accord / n'accepte pas / inacceptable / je refuse",
    "(?:entendido|comprendido|leido) mal / mal entendid[oa] / no estoy de acuerdo / en desacuerdo / no acepto"
    " / inaceptable / discrepo",
)
LATER = _any(
    "waiting for / will report / (?:i|we)(?:'ll| will| shall| am going to| are going to) / tomorrow"
    " / let you know / when .{1,30} back / next week",
    "warte auf / probiere / versuche / melde mich / morgen / werde / sobald / nachste woche / frage meinen",
    "j'attends / en attente / essaierai / j'essaie / demain / tiens au courant / je vais / quand il"
    " / semaine prochaine",
    "esperando / espero (?:la|una|a) / probare / manana / les cuento / le cuento / voy a / preguntare"
    " / cuando vuelva / proxima semana",
)
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
    " / only (?:three|four|five|six|two|\\d+) (?:weeks|months|hours|days) / surely will / (?:just )?what i needed",
    "danke fur nichts / wenn sie das .{0,12}nennen / (?:na|ach) (?:toll|super|prima|klasse|bravo) / ja,? klar"
    " / geniale idee / nie gekommen / welch eine uberraschung / nur (?:drei|vier|zwei|\\d+) (?:wochen|monate|tage)"
    " / ganz bestimmt",
    "merci pour rien / si vous appelez (?:ca|cela) / ah,? (?:genial|super|bravo|parfait) / mais bien sur"
    " / quelle idee brillante / jamais pense / quelle surprise / va surement",
    "gracias por nada / si a eso lo llaman / ah,? (?:que bien|genial|perfecto|claro) / que idea tan brillante"
    " / no se me ocurrio / que sorpresa / seguro que esta vez / solo (?:tres|dos|cuatro|\\d+) (?:semanas|meses|dias)",
)
THANKS = _any(
    "thanks? / thank you / thx / cheers / much obliged / appreciated? / grateful",
    "danke\\w* / dank / merci",
    "merci\\w* / mercis / remercie\\w*",
    "gracias / agradezco / agradecid[oa]",
)
ASKS = _any(
    "could you / can you / would you / one more (?:thing|question) / another (?:matter|question|thing)"
    " / i also wonder"
    " / let me know / please (?:send|tell|explain|check|confirm)",
    "konnen sie / konnten sie / noch eine frage / noch etwas / weitere frage / bitte (?:senden|schicken|prufen"
    "|bestatigen|erklaren)\\w*",
    "pouvez-vous / pourriez-vous / autre (?:chose|sujet|question) / veuillez / dites-moi",
    "pueden / podrian? / otra (?:cosa|pregunta|duda) / otro tema / digame / por favor (?:envien|digan|confirmen)",
)
# Where one clause ends and another, perhaps of the opposite mind, begins.
TURN = re.compile(
    r"\s*[,;:–—]\s+|\s+(?=(?:but|however|although|yet|aber|jedoch|trotzdem|mais|pourtant|cependant|pero|sin embargo)\b)"
    r"|\s+(?=(?:and|und|et|y)\s)",
    re.IGNORECASE,
)
