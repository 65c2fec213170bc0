"""The words by which a reply is told, in four languages, on text without accents and capitals.

Wishes to be left alone come in more forms than anybody lists; their patterns are wide on purpose: one heard too often
costs a lead, one missed costs a person's trust.
"""

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


# A whole mail of such a word (and "please", "thanks") is a wish to be left alone.
BARE_STOP = re.compile(
    r"^\W*(?:(?:please|bitte|merci\sde|por\sfavor|hello|hi|hallo|bonjour|hola)\W+)*"
    r"(?:un-?subscribe(?:\sme)?|stop|stopp|stop\sit|opt[-\s]?(?:me\s)?out|remove(?:\sme)?|no\smore|enough|abmelden|abmeldung|austragen|abbestellen"
    r"|loschen|desinscri\w+|desabonn\w+|arret(?:ez)?|baja|dar(?:me)?\sde\sbaja|borrar(?:me)?|cancelar\ssuscripcion|basta)"
    r"(?:\W+(?:please|thanks|thank\syou|bitte|danke|merci|gracias|now|all|sofort))*\W*$"
)
_LIST = r"(?:list|listing|mailing|database|data\s?base|distribution|newsletter|system|records|crm|file)"
_MAILS = r"(?:e-?mails?|mails?|messages?|correspondence|contact|newsletters?|advertis\w+|marketing|offers|follow-?ups?)"
OPT_OUT = _any(
    # English
    r"\bunsubscrib\w*",
    r"\bopt(?:ed|ing)?[-\s]?out\b",
    rf"\b(?:take|remove|delete|strike|get|scrub)\b.{{0,30}}\b(?:off|from|out\sof)\b.{{0,30}}\b{_LIST}\b",
    r"\b(?:take|get|strike)\s+(?:me|us|my|our)\b.{0,20}\boff\b",
    r"\b(?:remove|delete|erase)\s+(?:me|us|my|our)\b",
    rf"\b(?:stop|cease|quit|refrain\sfrom|discontinue)\b.{{0,25}}\b(?:{_MAILS}|mailing|e-?mailing|writing|contacting|sending|messaging|bothering)\b",
    rf"\b(?:do\snot|don'?t|never|not|stop)\s+(?:ever\s+)?(?:{_MAILS}|write|message|bother|send|reach\sout|call|writing|contacting|writ\w+)\b.{{0,30}}\b(?:again|any\s?more|anymore|me|us|in\sfuture|ever)\b",
    rf"\bno\s(?:more|further|longer)\b.{{0,25}}\b(?:{_MAILS}|mailings?|receive|writing|contacted)\b",
    r"\bleave\s(?:me|us)\salone\b",
    r"\b(?:do\snot|don'?t|no\slonger)\s(?:want|wish|like)\sto\s(?:receive|get|hear|be\scontacted)\b",
    r"\bnot\sto\sbe\scontacted\b",
    r"\bwithdraw\w*\s(?:my\s)?consent\b",
    r"\bobject\sto\b.{0,40}\b(?:marketing|processing|use)\b",
    r"\bstop\b(?=\W*$)",
    r"^\W*stop\b(?!\sby|\sover|\sat)",
    r"\bnever\ssigned\sup\b",
    # German
    r"\babmeld(?:en|ung|e)\b",
    r"\bab(?:zu)?bestell\w*\b",
    r"\baustragen\b",
    r"\b(?:streich|nehm|losch|entfern|trag)\w*\b.{0,40}\b(?:liste|verteiler|kartei|datenbank|adresse|daten)\b",
    r"\b(?:streich|nehm|losch|entfern)\w*\b.{0,12}\b(?:mich|uns)\b.{0,40}\b(?:aus|von|raus)\b",
    r"\bkein\w*\s(?:weiter\w*|mehr)\b",
    r"\bkein\w*\b.{0,25}\b(?:mails?|e-?mails?|werbung|nachrichten|post|newsletter|angebote|kontaktaufnahme|zusendung\w*|anrufe?)\b(?:.{0,12}\bmehr\b)?",
    r"\b(?:schreib|kontaktier|belastig|mail|schick|send)\w*\b.{0,40}\b(?:nicht|nichts|nie)\b.{0,8}\b(?:mehr|wieder|weiter)\b",
    r"\b(?:nicht|nichts|nie)\s(?:mehr|wieder|weiter\w*)\b.{0,25}\b(?:schreib|kontaktier|anschreib|melde|belastig|send|schick|mail)\w*",
    r"\blass\w*\b.{0,8}\b(?:mich|uns)\b.{0,6}\bruhe\b",
    r"\bwiderspr\w+\b",
    r"\bunterlass\w*\b",
    r"\bwiderruf\w*\b.{0,30}\beinwilligung\b",
    r"\bhor\w*\b.{0,12}\bauf\b.{0,25}\b(?:schreib|send|mail|schick)\w*",
    # French
    r"\bdes-?inscri\w+",
    r"\bdesabonn\w+",
    r"\bne\b.{0,20}\bplus\b.{0,30}\b(?:recevoir|contact\w*|ecri\w*|envoy\w*|messages?|mails?|etre)\b",
    r"\bne\s(?:m'|nous\s|me\s)?(?:ecrivez|contactez|envoyez|sollicitez|relancez|derangez)\b.{0,8}\bplus\b",
    r"\bn'ecrivez\splus\b",
    r"\b(?:retir|supprim|enlev|effac|ray|radi)\w*\b.{0,14}\b(?:moi|nous|mon|mes|notre|nos|me)\b",
    r"\bme\s(?:retirer|supprimer|rayer|enlever|radier|desinscrire)\b",
    r"\b(?:arret|cess)\w*\b.{0,30}\b(?:envoy\w*|mails?|messages?|ecri\w*|contact\w*|relance\w*|publicite|sollicit\w*)\b",
    r"\bplus\s(?:de|d'|aucun\w*)\b.{0,20}\b(?:publicite|mails?|messages?|emails?|pub|sollicitations?|demarchage)\b",
    r"\blaissez[-\s](?:moi|nous)\b.{0,4}\b(?:tranquille|en\spaix)",
    r"\b(?:m'|s'|nous\s)oppos\w+\b.{0,40}\b(?:utilisation|traitement|prospection|donnees)\b",
    r"\bstop\spub\b",
    # Spanish
    r"\b(?:dar|darme|deme|denme|darnos|dennos|dese|quiero\sla|solicito\sla|solicito\smi|la)\b.{0,8}\bbaja\b",
    r"\b(?:borr|elimin|quit|sac|retir|suprim)\w*(?:me|nos)\b",
    r"\b(?:borr|elimin|quit|sac|retir|suprim)\w*\b.{0,16}\b(?:mis?|nuestr\w+)\b.{0,8}\b(?:datos|correo|direccion|email|nombre)\b",
    r"\bno\b.{0,30}\b(?:escrib|contact|envi|mand|molest|llam)\w*\b.{0,10}\bmas\b",
    r"\bno\s(?:me\s|nos\s|se\s)?vuelv\w+\sa\b.{0,6}\b(?:escrib|contact|envi|mand|molest|llam)\w*",
    r"\bno\s(?:deseo|quiero|queremos|deseamos)\b.{0,10}\b(?:recibir|mas|que\sme)\b",
    r"\bno\smas\b.{0,12}\b(?:correos|mails?|emails?|publicidad|mensajes)\b",
    r"\b(?:dej|par|ces)\w*\b.{0,6}\bde\b.{0,4}\b(?:envi|escrib|mand|molest|contact|llam)\w*",
    r"\bdej\w*(?:me|nos)\b.{0,4}\ben\spaz\b",
    r"\b(?:me|nos)\sop(?:ongo|onemos)\b",
    r"\bdesuscrib\w+|\bcancel\w*\s(?:mi\s|la\s)?suscripcion\b",
)  # fmt: skip
# "Do not stop", "streichen Sie mich nicht": the same words, asked the other way round.
KEEP_ME = _any(
    r"\b(?:do\snot|don'?t|never|please\snot|no\sneed\sto|wouldn'?t\swant\syou\sto)\s+(?:ever\s+|please\s+)?(?:stop|unsubscribe|remove|delete|take\s(?:me|us)\soff|cease|quit)\b",
    r"\bdo\snot\swant\sto\s(?:unsubscribe|opt\sout|be\sremoved)\b|\bdon'?t\swant\sto\s(?:unsubscribe|opt\sout|be\sremoved)\b",
    r"\b(?:streich|losch|entfern|nehm|trag)\w*\b.{0,20}\b(?:mich|uns)\b.{0,8}\bnicht\b",
    r"\bnicht\s(?:abmelden|austragen|streichen|loschen|aufhoren)\b",
    r"\bhoren\ssie\s(?:bitte\s)?nicht\sauf\b",
    r"\bne\b.{0,6}\b(?:me|nous|m')?.{0,2}(?:retir|supprim|desinscri|enlev|desabonn|ray)\w*\b.{0,4}\bpas\b",
    r"\bn'arretez\spas\b|\bne\scessez\spas\b",
    r"\bno\s(?:me|nos)\s(?:borr|elimin|quit|saqu|retir|suprim|de[sn]?\sde\sbaja)\w*",
    r"\bno\s(?:dejen?|paren?|cesen?)\sde\b",
)  # fmt: skip
# Ending something else than our mails; "stop by" is a visit.
OTHER_END = _any(
    r"\b(?:contract|subscription\splan|service\sagreement|vertrag|wartungsvertrag|contrat|contrato)\b",
    r"\bstop\s(?:by|over|in)\b",
    r"\bunsubscribe\sfrom\sthe\b",
)  # fmt: skip
COMPLAINT = _any(
    r"\bspam(?:m\w*)?\b",
    r"\b(?:junk|phishing|scam)\b",
    r"\b(?:gdpr|dsgvo|rgpd|can-?spam|pecr|uwg|cnil|ico|lopd|aepd)\b",
    r"\b(?:lawyer|solicitor|attorney|legal\saction|sue\syou)\b",
    r"\bharass\w*",
    r"\b(?:report|complain|complaint)\w*\b.{0,30}\b(?:you|about|provider|authority|filed)\b",
    r"\b(?:filed?|lodge\w*|make|made)\sa\scomplaint\b",
    r"\bhow\sdid\syou\sget\smy\b|\bwhere\sdid\syou\s(?:get|find)\smy\b|\bbreach\sof\b.{0,20}\b(?:privacy|data)",
    r"\b(?:anwalt|rechtsanwalt|abmahn\w*|anzeige\serstatten|verbraucherzentrale|datenschutzbehorde|beschwer\w*|belastigung|frechheit|unverschamt\w*|unzumutbar)\b",
    r"\bwoher\shaben\ssie\b.{0,20}\b(?:adresse|daten|mail\w*)",
    r"\b(?:avocat|harcel\w*|inadmissible|porter?\splainte|plainte|scandaleu\w*|je\svous\ssignale)\b",
    r"\bou\savez[-\s]vous\s(?:eu|trouve|obtenu)\b.{0,20}\b(?:adresse|mail|donnees|coordonnees)",
    r"\b(?:abogad\w+|denunci\w+|acoso|intolerable|queja\sformal|presentar\suna\squeja|demandar)\b",
    r"\bde\sdonde\s(?:han|ha|habeis)\s(?:sacado|obtenido)\b|\bcomo\s(?:han|ha)\s(?:obtenido|conseguido)\smi\b",
)  # fmt: skip
WRONG_PERSON = _any(
    r"\bwrong\s(?:person|contact|address|company|guy|woman)\b",
    r"\bno\slonger\s(?:work|with|at|employed|here)\w*",
    r"\bi\s(?:have\s)?left\b.{0,30}\b(?:ago|company|last|in)\b",
    r"\b(?:has|have)\sleft\s(?:the|our)\s(?:company|business|firm)\b",
    r"\byou\s(?:must\s|probably\s)?(?:mean|have)\s(?:another|the\swrong|someone\selse|somebody\selse)\b",
    r"\bnot\sthe\sright\s(?:person|contact)\b",
    r"\b(?:bei\smir|bei\suns|hier)\b.{0,8}\bfalsch\b",
    r"\bfalsche\w*\b.{0,8}\b(?:ansprechpartner\w*|person|adresse|kontakt)\b",
    r"\barbeite\w*\b.{0,12}\bnicht\smehr\b",
    r"\bnicht\smehr\s(?:bei\suns|im\sunternehmen|in\sder\sfirma)\b",
    r"\b(?:bin|ist)\s(?:nicht|nicht\sder|nicht\sdie)\s(?:zustandig|richtige)\b",
    r"\btrompez\b.{0,6}\bde\s(?:personne|destinataire|interlocuteur|societe)\b",
    r"\bne\s(?:travaille|fait)\w*\b.{0,4}\bplus\b",
    r"\bpas\sla\sbonne\spersonne\b|\bmauvais\s(?:interlocuteur|destinataire)\b",
    r"\bequivoca\w*\b.{0,10}\b(?:persona|direccion|destinatario|empresa)\b",
    r"\bya\sno\s(?:trabaja|esta|estoy|forma)\b",
    r"\bno\ssoy\sla\spersona\b",
)  # fmt: skip
REFERRAL = _any(
    r"\b(?:talk|speak|write|turn|reach\sout)\sto\b.{0,30}\b(?:colleague|manager|head|director|buyer|purchasing|department|team)\b",
    r"\b(?:contact|ask|try)\b.{0,25}\b(?:colleague|manager|head\sof|director|buyer|purchasing)\b",
    r"\b(?:forwarded|passed)\b.{0,30}\b(?:to|on)\b",
    r"\bzustandig\b.{0,40}\b(?:ist|sind)\b|\b(?:ist|sind)\b.{0,40}\bzustandig\b",
    r"\bwenden\ssie\ssich\b.{0,40}\ban\b",
    r"\bweitergeleitet\b|\bleite\b.{0,30}\bweiter\b",
    r"\badressez[-\s]vous\b",
    r"\b(?:contactez|ecrivez\sa|voyez\savec)\b.{0,25}\b(?:collegue|responsable|directeur|directrice|acheteu\w+)\b",
    r"\b(?:transmets|transfere|transmis)\b",
    r"\b(?:hable|contacte|escriba|dirija\w*)\b.{0,10}\b(?:con|a)\b.{0,25}\b(?:companer\w+|responsable|jefe|jefa|director\w*|departamento)\b",
    r"\b(?:reenvi|remit)\w*\b.{0,30}\b(?:a|al)\b",
)  # fmt: skip
LATER = _any(
    r"\b(?:not\s(?:right\s)?now|not\sat\sthe\smoment|not\syet|bad\stiming|too\searly)\b",
    r"\b(?:come|check|get|circle|reach)\sback\b",
    r"\btry\s(?:me\s)?again\b|\bask\s(?:me\s)?again\b|\bfollow\sup\s(?:in|next|after)\b",
    r"\b(?:next|after\sthe|later\sthis)\s(?:quarter|year|month|summer|winter|spring|autumn|season)\b",
    r"\b(?:remind|contact|write)\sme\b.{0,20}\b(?:in|after|next)\b",
    r"\bin\s(?:\w+)\s(?:weeks|months)\b",
    r"\buntil\sthen\b",
    r"\b(?:im\smoment|derzeit|momentan|aktuell)\snicht\b",
    r"\bmelden\ssie\ssich\b.{0,40}\b(?:noch\s?(?:ein)?mal|wieder|dann|spater)\b",
    r"\b(?:nachsten|kommenden)\s(?:quartal|jahr|monat)\b",
    r"\bfragen\ssie\b.{0,30}\b(?:noch\s?(?:ein)?mal|wieder)\b",
    r"\bspater\s(?:noch\s?(?:ein)?mal|wieder)\b|\berst\s(?:im|in|ab|nach)\b",
    r"\bpas\s(?:pour\sl'instant|pour\sle\smoment|maintenant)\b",
    r"\b(?:recontactez|revenez|rappelez|relancez)\b",
    r"\b(?:prochain|prochaine)\s(?:trimestre|annee|mois|saison)\b",
    r"\bahora\sno\b|\bpor\sahora\sno\b|\bde\smomento\sno\b",
    r"\bvuelva\sa\b",
    r"\bescribame\b.{0,20}\b(?:entonces|en|despues)\b",
    r"\bproxim[oa]\s(?:trimestre|ano|mes|temporada)\b",
    r"\bmas\sadelante\b",
)  # fmt: skip
NOT_INTERESTED = _any(
    r"(?:\bnot|n't|\bno\slonger)\b.{0,12}\binterested\b",
    r"\bno\sinterest\b",
    r"\bno,?\sthank(?:s|\syou)\b",
    r"(?:\bnot|n't)\sfor\s(?:us|me)\b",
    r"\b(?:we'?ll|i'?ll|will)\spass\b",
    r"\b(?:have|'ve)\s(?:just\s|already\s)?(?:bought|ordered|chosen|decided\s(?:for|on))\b",
    r"\b(?:do\snot|don'?t|no)\sneed\b|\bno\suse\sfor\b|\bno\s(?:demand|requirement)\b",
    r"\b(?:happy|fine|satisfied)\swith\s(?:our|what|the)\b|\b(?:supplier|provider)\sis\sfine\b",
    r"\bstopped\s(?:selling|serving|using|offering)\b",
    r"\bkein(?:e|en)?\s(?:interesse|bedarf)\b",
    r"\bnein,?\sdanke\b",
    r"\bnichts\sfur\s(?:uns|mich)\b",
    r"\bbrauchen\b.{0,12}\b(?:nichts|nicht|keine?)\b",
    r"\b(?:gerade|bereits|schon|erst)\b.{0,30}\b(?:gekauft|bestellt|angeschafft)\b",
    r"\binteressiert\s(?:uns|mich)\snicht\b",
    r"\bpas\b.{0,4}\binteress\w*",
    r"\bnon,?\smerci\b",
    r"\bn'avons\sbesoin\sde\srien\b|\bpas\sbesoin\b",
    r"\bvenons\sd'acheter\b|\bdeja\s(?:achete|equipe)\w*",
    r"\bno\b.{0,12}\binteres\w*",
    r"\bno,?\sgracias\b",
    r"\bno\snecesit\w+\b",
    r"\bacab\w+\sde\scomprar\b|\bya\s(?:hemos\scomprado|tenemos)\b",
)  # fmt: skip
MEETING = _any(
    r"\b(?:call|ring|phone)\sme\b|\bgive\sme\sa\s(?:call|ring)\b",
    r"\b(?:have|schedule|set\sup|arrange|book|do)\s(?:a|the)\s(?:call|meeting|demo|chat|visit)\b",
    r"\blet'?s\s(?:talk|meet|speak|have\sa\scall)\b",
    r"\b(?:can|could|shall)\swe\s(?:meet|talk|speak)\b",
    r"\bcalendar\sinvite\b|\binvite\sfor\b|\bhappy\sto\s(?:talk|meet|chat)\b",
    r"\b(?:works|suits)\s(?:for\s)?me\b",
    r"\brufen\ssie\s(?:mich|uns)\b.{0,6}\ban\b",
    r"\btelefonieren\b",
    r"\btermin\b.{0,30}\b(?:vereinbaren|machen|vorschlag\w*|ausmachen)\b|\bvereinbaren\b.{0,20}\btermin\b",
    r"\bpasst\s(?:mir|uns)\b",
    r"\btreffen\b",
    r"\b(?:appelez|rappelez)[-\s](?:moi|nous)\b",
    r"\b(?:fixons|prenons|prendre|convenir|convenons)\b.{0,14}\brendez-?vous\b",
    r"\b(?:me|nous)\sconvient\b",
    r"\bllam(?:e|en|a)(?:me|nos)\b",
    r"\b(?:agend|concert|program|fij)\w+\b.{0,14}\b(?:reunion|llamada|cita|visita)\b",
    r"\b(?:me|nos)\sviene\sbien\b",
)  # fmt: skip
INTERESTED = _any(
    r"\binterest(?:ed|s|ing)?\b",
    r"\bsounds\s(?:good|great|interesting)\b",
    r"\btell\sme\smore\b|\bmore\s(?:information|details)\b",
    r"\b(?:send|share|get|see|have|like)\b.{0,30}\b(?:price|prices|pricing|quote|offer|brochure|catalogue|catalog|proposal)\b",
    r"\bwe(?:'re|\sare)\slooking\s(?:at|for)\b",
    r"\bneed\s(?:a|an)\s(?:new|quote)\b",
    r"\bnext\ssteps?\b",
    r"\bgood\stiming\b",
    r"\binteressier\w*\b|\binteressant\b|\bklingt\s(?:gut|interessant|spannend)\b",
    r"\berzahlen\ssie\b",
    r"\b(?:schicken|senden)\b.{0,30}\b(?:preis\w*|angebot|katalog|unterlagen|broschure)\b|\b(?:angebot|preisliste|katalog)\b.{0,20}\b(?:bitte|fur|haben|mochte)\b|\bbitte\sum\b.{0,14}\bangebot\b",
    r"\bsuchen\b.{0,20}\b(?:neue|eine|einen|gerade)\b",
    r"\bmochte\sdas\sangebot\b",
    r"\b(?:m'|nous\s)interess\w*",
    r"\benvoy\w+\b.{0,25}\b(?:tarifs?|devis|prix|catalogue|offre|brochure)\b",
    r"\bcherchons\b|\brecevoir\s(?:l'|votre\s|une\s)offre\b",
    r"\ben\ssavoir\splus\b",
    r"\b(?:me|nos)\sinteresa\b",
    r"\b(?:envi|mand)\w*\b.{0,25}\b(?:precios?|presupuesto|oferta|catalogo|tarifas?|folleto)\b",
    r"\b(?:estamos\s)?buscando\b",
    r"\brecibir\sla\soferta\b|\bmas\sinformacion\b",
)  # fmt: skip
BOUNCE = _any(r"\bcould not be delivered\b|\bundeliverable\b|\buser unknown\b|\b5\.1\.\d\b|\bunzustellbar\b")
# Anger without a class of its own.
ANGRY = _any(
    r"\b(?:outrageous|ridiculous|disgust\w*|annoying|fed\sup|how\sdare)\b|!!+",
    r"\b(?:nervt|nervig|unmoglich|sauer|reicht\ses)\b",
    r"\b(?:ras\sle\sbol|honteux|insupportable)\b",
    r"\b(?:harto|vergonzoso|indignante)\b",
)  # fmt: skip
