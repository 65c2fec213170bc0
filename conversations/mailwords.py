"""The words of mail clients in many languages: earlier mails, forwards, labels of headers, devices, ends of letters.

Pure: pieces of regular expressions, to be matched without regard to case.
"""

VERBS = (
    r"wrote|writes|said|schrieb(?:en)?|geschrieben|a\s+écrit|écrit|a\s+ecrit|escribió|escribio|ha\s+escrit|ha\s+scritto"
    r"|scrive|escreveu|schreef|het\s+volgende\s+geschreven|skrev|skreiv|kirjoitti|napisał\(?a?\)?|napisal\(?a?\)?|pisze"
    r"|napisana\s+przez|napsala?|napsal\(a\)|napísala?|napísal\(a\)|(?:je\s+)?napisao(?:/la|\s+je)?|(?:je\s+)?napisala(?:\s+je)?"
    r"|написала?|написал\(а\)|написав\(?ла\)?|написа|пише|пишет|писал\(?а?\)?|yazdı|şun(?:u|ları)\s+yazdı|写道|寫道|のメール"
    r"|さんは書きました|wrote\s+on|írta|a\s+scris|έγραψε|כתב|كتب|작성|쓴\s+글|đã\s+viết|menulis|rašė|rakstīja|kirjutas|napisal/-a"
)
CJK_VERBS = r"写道|寫道|書きました|のメール|作成|님이\s*작성|작성|쓴\s*글"
OWN_WORDS = (
    r"\b(?:i|we|you|ich|wir|sie|je|nous|vous|yo|io|noi|ik|wij|eu|nós|jag|vi|jeg|minä|já|я|мы|ben)\s+(?:had\s+|have\s+|ai\s+|avons\s+|avez\s+)?"
    r"(?:already\s+|just\s+)?(?:wrote|said|schrieb(?:en)?|écrit|escrib\w+|scri\w+|schreef|escrev\w+|skrev|kirjoit\w+|psal\w*|писал\w*|yazd\w+)"
    r"|\bschrieb(?:en)?\s+(?:ich|wir|sie)\b|\bhabe\s+ich\b|\bskrev\s+(?:jag|jeg|vi)\b|\bschreef\s+(?:ik|u|je)\b"
)
ORIGINAL = (
    r"original\s+message|original\s+e-?mail|ursprüngliche\s+(?:nachricht|e-?mail)|original-?nachricht|message\s+d['’]origine"
    r"|message\s+original|courriel\s+original|mensaje\s+original|messaggio\s+originale|mensagem\s+original|missatge\s+original"
    r"|oorspronkelijk\s+bericht|originalbericht|ursprungligt\s+meddelande|originalmeddelande|oprindelig\s+(?:meddelelse|besked|mail)"
    r"|original\s+meddelelse|opprinnelig\s+melding|alkuperäinen\s+viesti|wiadomość\s+oryginalna|oryginalna\s+wiadomość"
    r"|původní\s+(?:zpráva|e-?mail)|pôvodná\s+správa|исходное\s+сообщение|пересылаемое\s+сообщение|оригинальное\s+сообщение"
    r"|вихідне\s+повідомлення|оригінальне\s+повідомлення|izvorna\s+poruka|izvirno\s+sporočilo|originalno\s+sporočilo|αρχικό\s+μήνυμα"
    r"|orijinal\s+(?:ileti|mesaj)|özgün\s+(?:ileti|mesaj)|eredeti\s+üzenet|mesaj(?:ul)?\s+original|元のメッセージ|original\s+appointment|原始邮件"
    r"|原始郵件|邮件原件|원본\s*메시지|reply\s+message|algne\s+kiri|sākotnējais\s+ziņojums|pradinis\s+laiškas|tin\s+nhắn\s+gốc|pesan\s+asli"
)
FORWARDED = (
    r"forwarded\s+(?:message|by)|forwarded|weitergeleitete\s+(?:nachricht|e-?mail|message)|message\s+transféré|courriel\s+transféré"
    r"|mensaje\s+reenviado|messaggio\s+inoltrato|mensagem\s+(?:re)?encaminhada|doorgestuurd\s+bericht|vidarebefordrat\s+meddelande"
    r"|vidarebefordrade?|videresendt(?:\s+(?:meddelelse|besked|melding))?|välitetty\s+viesti|edelleenlähetetty(?:\s+viesti)?"
    r"|przekazana\s+wiadomość|wiadomość\s+przekazana|przeposlaná\s+zpráva|přeposlaná\s+zpráva|preposlaná\s+správa|пересылаемое\s+сообщение"
    r"|пересланное\s+сообщение|перенаправленное\s+сообщение|переслане(?:\s+повідомлення)?|iletilen\s+(?:ileti|mesaj|posta)|yönlendirilmiş\s+ileti"
    r"|転送されたメッセージ|転送メッセージ|转发的(?:邮件|消息)|轉寄(?:郵件|的郵件|訊息)|전달된\s+메시지|továbbított\s+(?:üzenet|levél)"
    r"|mesaj\s+redirecționat|προωθημένο\s+μήνυμα|proslijeđena\s+poruka|posredovano\s+sporočilo|препратено\s+съобщение|edastatud\s+kiri"
)
FORWARD_OPENING = (
    r"begin\s+forwarded\s+message|anfang\s+der\s+weitergeleiteten\s+(?:nachricht|e-?mail)|début\s+du\s+(?:message|courriel)"
    r"\s+(?:réexpédié|transféré)|inicio\s+del\s+mensaje\s+reenviado|inizio\s+messaggio\s+inoltrato|início\s+da\s+mensagem"
    r"\s+(?:reencaminhada|encaminhada)|begin\s+doorgestuurd\s+bericht|vidarebefordrat\s+brev|start\s+på\s+videresendt"
    r"|videresendt\s+(?:besked|melding|meddelelse)|päätiedostoon|(?:edelleenlähetetty|välitetty|lähetetty\s+edelleen)(?:\s+viesti)?"
    r"|początek\s+przekazywanej(?:\s+dalej)?\s+wiadomości|začátek\s+přeposlan[ée]\s+zprávy|začátek\s+přeposílané\s+zprávy"
    r"|začiatok\s+preposlanej\s+správy|начало\s+переадресованного|початок\s+переадресованого|iletilen\s+(?:ileti|mesaj)|iletilmiş\s+posta"
    r"|転送されたメッセージ|以下是转发的邮件|以下是轉寄的郵件|전달된\s+메시지(?:\s+시작)?|továbbított\s+levél\s+kezdete|început\s+mesaj\s+redirecționat"
)
FROM = (
    r"from|von|de|de\s+la|da|van|fra|från|lähettäjä|od|odesílatel|odosielateľ|от|от\s+кого|отправитель|від|від\s+кого|kimden|gönderen"
    r"|差出人|送信者|发件人|寄件者|寄件人|보낸\s*사람|feladó|expéditeur|remitente|mittente|remetente|afzender|avsändare|afsender|avsender"
    r"|nadawca|από|saatja|no|nuo|מאת|من|từ|dari|จาก"
)
DATED = (
    r"sent|date|gesendet(?:\s+am)?|datum|envoyé(?:\s+le)?|enviad[oa](?:\s+e[lm])?|enviat(?:\s+el)?|fecha|inviat[oa](?:\s+il)?|data|verzonden"
    r"|skickat|sendt|dato|lähetetty|päiväys|päivämäärä|wysłan[eo]|odesláno|odoslané|dňa|отправлено|дата|надіслано|gönderildi"
    r"|gönderme\s+tarihi|tarih|küldve|dátum|elküldve|trimis|στάλθηκε|ημερομηνία|poslano|送信日時|日時|日付|发送时间|日期|时间|傳送日期|寄件日期|寄送日期"
    r"|보낸\s*날짜|날짜|נשלח|saadetud|išsiųsta|nosūtīts|đã\s+gửi|dikirim|tanggal|изпратено|ส่ง"
)
OTHER = DATED + (
    r"|to|cc|bcc|subject|reply-to|importance|when|where|attachments|an|betreff|kopie|antwort\s+an|priorität|wichtigkeit|anlagen?"
    r"|à|a|objet|sujet|copie|cci|pièces\s+jointes|répondre\s+à|para|per\s+a|asunto|assunto|assumpte|oggetto|aan|onderwerp|bijlagen?|till"
    r"|ämne|kopia|til|emne|kopi|vastaanottaja|aihe|kopio|do|temat|dw|udw|komu|předmět|predmet|prima|za|zadeva|кому|тема|копия|копія"
    r"|до|относно|kime|konu|bilgi|címzett|tárgy|másolat|către|subiect|προς|θέμα|κοιν|宛先|件名|收件人|主题|主旨|抄送|收件者|副本|받는\s*사람"
    r"|참조|제목|אל|נושא|adressaat|teema|kam|tēma|tới|chủ\s+đề|kepada|subjek|ถึง|เรื่อง|主題"
)
TO = r"to|an|à|a|para|aan|till|til|do|komu|кому|kime|vastaanottaja|címzett|către|προς|宛先|收件人|收件者|받는\s*사람"
SUBJECT = (
    r"subject|thema|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|předmět|predmet|тема|konu|aihe"
    r"|tárgy|subiect|θέμα|件名|主题|主旨|제목"
)
REPLY_ABOVE = (
    r"\b(?:(?:reply|type|write|respond|antwort\w*|schreiben|répon\w+|écri\w+|escrib\w+|respond\w+|responda|respost\w+|rispond\w+|rispost\w+"
    r"|digit\w+|scriv\w+|typ|antwoord\w*|skriv|svar\w*|vasta\w+|odpow\w+|wpisz|odpov\w+|napište|ответ\w*|yanıt\w*)\b.{0,60}"
    r"\b(?:above|oberhalb|über|au-dessus|ci-dessus|encima|arriba|acima|sopra|boven|ovanför|over|yläpuole\w+|powyżej|nad|над|выше|üst\w+)\b.{0,40}"
    r"\b(?:line|linie|zeile|ligne|línea|linha|riga|linea|lijn|regel|linjen?|rad(?:en)?|rivin?|linii|řád\w+|čár\w+|стро\w+|черт\w+|satır\w+))\b"
    r"|この行(?:より|の)上に.{0,20}返信|请在此(?:行|线)(?:以上|上方)回复|이\s*줄\s*위에"
)

DEVICES = (
    r"iphon\w*|ipad\w*|ios|android\w*|galaxy\w*|samsung\w*|huawei|xiaomi|pixel|blackberry\w*|windows\w*|outlook\w*|yahoo|gmx|web\.de"
    r"|proton\s?mail|proton|k-9|k-@|bluemail|aqua\s?mail|mail\.ru|yandex\w*|tutanota|tuta|mymail|spark|thunderbird|fairemail|nine|airmail"
    r"|айфон\w*|アイフォン|アンドロイド|アウトルック|nokia|sony|motorola|oneplus|honor|redmi|poco"
)
SENT = (
    r"sent|gesendet|verschickt|versendet|envoyé|enviad[oa]|enviat|inviat[oa]|verzonden|verstuurd|skickat|skickades|sendt|lähetetty|wysłan[eoay]"
    r"|odeslán[oa]|odesláno|odoslané|odoslan[eoá]|отправлен[оа]|надіслано|gönderildi|送信|发送|傳送|发自|發自|보냄|보낸|küldve|elküldve|trimis|στάλθηκε|poslano"
    r"|изпратено|đã\s+gửi|dikirim|נשלח|أرسلت?|ส่งจาก|saadetud|nosūtīts|išsiųsta"
)
GET = (
    r"get|download|herunterladen|holen|télécharger|obtenez|obtener|obtenir|descarg\w+|obter|baixar|scarica|ottieni|downloaden|hämta|hent|skaff"
    r"|hanki|lataa|pobierz|získat|stáhnout|získať|скачать|загрузить|завантажити|edinin|indirin|入手|获取|取得|다운로드|beszerzése|obține|λήψη|preuzmi\w*"
)
CLOSINGS = (
    r"(?:with\s+)?(?:my\s+)?(?:best|kind|kindest|warm|warmest|many)\s+(?:regards|wishes)|regards|best|rgds|br|(?:yours\s+)?sincerely|with\s+thanks"
    r"|sincerely\s+yours|yours(?:\s+(?:truly|faithfully))?|respectfully|cheers|take\s+care|all\s+the\s+best|cordially|have\s+a\s+(?:nice|good|great)\s+\w+"
    r"|(?:many\s+|much\s+)?thanks(?:\s+(?:again|and|&|in\s+advance|a\s+lot|so\s+much)(?:\s+\w+){0,2})?|thank\s+you(?:\s+(?:very|so)\s+much|\s+in\s+advance)?"
    r"|thx|many\s+thanks|warmly|with\s+appreciation|ta|tia"
    r"|mit\s+(?:(?:sehr\s+)?freundlich\w*|besten|herzlichen|vielen|lieben|sonnigen|kollegialen)\s+(?:gr(?:ü|ue)(?:ß|ss)en|empfehlungen)"
    r"|(?:viele|beste|liebe|herzliche|schöne|sch(?:ö|oe)ne|freundliche|ganz\s+liebe|sonnige)\s+gr(?:ü|ue)(?:ß|ss)e|gr(?:ü|ue)(?:ß|ss)e?|gru(?:ß|ss)"
    r"|(?:herzlichen|lieben|schönen|freundlichen|besten)\s+gru(?:ß|ss)|hochachtungsvoll|herzlichst?|alles\s+gute|mfg|vg|lg|bg|vlg|vielen\s+(?:lieben\s+)?dank"
    r"|danke(?:\s+(?:im\s+voraus|schön|vorab))?|besten\s+dank|herzlichen\s+dank|schönen\s+(?:tag|abend)(?:\s+noch)?|servus|ciao"
    r"|(?:bien\s+)?cordialement|très\s+cordialement|salutations(?:\s+\w+)?|(?:sincères|meilleures|cordiales)\s+salutations|bien\s+à\s+(?:vous|toi)"
    r"|merci(?:\s+(?:d['’]avance|beaucoup|par\s+avance))?|(?:(?:très\s+)?bonne|belle|excellente)\s+(?:journée|soirée|continuation|réception)|respectueusement|amicalement"
    r"|cdlt|cldt|bàv|bav|dans\s+l['’]attente\s+de\s+(?:votre\s+(?:réponse|retour)|vous\s+lire)"
    r"|(?:je\s+vous\s+prie\s+d['’]agréer|veuillez\s+(?:agréer|recevoir|croire)|recevez|nous\s+vous\s+prions)\b.{0,110}"
    r"|saludos(?:\s+(?:cordiales|atentos))?|(?:reciba\s+)?(?:un\s+)?(?:cordial\s+|afectuoso\s+)?saludo(?:\s+cordial)?|atentamente|muy\s+atentamente|atte|gracias"
    r"|(?:muchas|mil)\s+gracias|gracias\s+(?:de\s+antemano|por\s+adelantado|anticipadas)|cordialmente|un\s+(?:fuerte\s+)?abrazo|quedo\s+(?:a\s+la\s+espera|atent[oa]).{0,50}"
    r"|(?:un\s+)?(?:cordial[ei]|distint[oi])\s+salut[oi]|(?:tanti\s+)?saluti|cordialmente|grazie(?:\s+(?:mille|in\s+anticipo|ancora))?|buon[ao]\s+(?:giornata|serata|lavoro)"
    r"|in\s+attesa\s+di\s+(?:un\s+)?(?:vostr[oa]\s+)?(?:riscontro|risposta).{0,30}|atenciosamente|att|(?:com\s+os\s+)?(?:melhores\s+)?cumprimentos|obrigad[oa](?:\s+desde\s+já)?"
    r"|muito\s+obrigad[oa]|desde\s+já\s+(?:muito\s+)?(?:obrigad[oa]|agradeço)|(?:um\s+)?abraços?|grat[oa]|sem\s+mais"
    r"|(?:met\s+)?(?:vriendelijke|hartelijke|beste|warme)\s+groet(?:en)?|hoogachtend|groet(?:en|jes)?|mvg|gr|dank\s+(?:u|je)(?:\s+wel)?|bij\s+voorbaat\s+dank|alvast\s+(?:hartelijk\s+)?dank"
    r"|(?:alvast\s+)?bedankt|med\s+vänlig(?:a)?\s+hälsning(?:ar)?|(?:bästa|varma|vänliga|många)\s+hälsningar|vänligen|mvh|hälsning(?:ar)?|(?:stort\s+)?tack(?:\s+(?:på\s+förhand|så\s+mycket))?"
    r"|(?:med\s+)?(?:de\s+)?(?:venlig(?:e|ste)?|bedste|mange|kærlig)\s+hilsen(?:er)?|(?:de\s+)?(?:bedste|mange|venlige)\s+hilsner|hilsen|kh|vh|bh|(?:mange\s+)?tak(?:\s+på\s+forhånd)?|på\s+forhånd\s+takk?"
    r"|(?:med\s+)?(?:vennlig|beste|hjertelig)\s+hilsen|(?:mange|tusen)\s+takk|takk(?:\s+på\s+forhånd)?"
    r"|(?:ystävällisin|parhain|kohteliain|lämpimin)\s+terveisin|terveisin|terveiset|terv|yst\.?\s*terv|(?:paljon\s+)?kiitos(?:\s+(?:jo\s+)?etukäteen|\s+avusta)?|kiittäen|t\."
    r"|pozdrawiam(?:\s+serdecznie)?|(?:serdecznie\s+)?pozdrawiam|z\s+(?:poważaniem|powazaniem|pozdrowieniami|wyrazami\s+szacunku)|(?:z\s+góry\s+)?dziękuję(?:\s+z\s+góry)?|pozdr"
    r"|s\s+(?:přátelským\s+)?pozdravem|s\s+úctou|(?:předem\s+)?děkuji(?:\s+(?:předem|mnohokrát))?|díky|hezký\s+(?:den|večer)|přeji\s+hezký\s+den|zdraví|s\s+(?:priateľským\s+)?pozdravom|ďakujem"
    r"|с\s+уважением|(?:большое\s+)?спасибо(?:\s+заранее)?|всего\s+(?:доброго|хорошего)|с\s+наилучшими(?:\s+пожеланиями)?|заранее\s+(?:спасибо|благодарю|благодарен|благодарна)"
    r"|хорошего\s+дня|з\s+повагою|дякую|з\s+найкращими\s+побажаннями|с\s+уважение|поздрави|благодаря"
    r"|(?:en\s+(?:iyi|içten)\s+)?(?:saygı|dilek|sevgi)l[ae]r[ıi]m(?:la|le|ızla|izle)|saygılarımı\s+sunarım|saygılar(?:ımızla)?|(?:çok\s+)?teşekkür(?:ler|\s+eder(?:im|iz))|(?:iyi|kolay)\s+(?:çalışmalar|günler|gelsin)(?:\s+dilerim)?|kolay\s+gelsin|sevgiler"
    r"|(?:何卒|以上|どうぞ|宜しく|よろしく)[、,]?.{0,14}(?:お願い(?:いた|致|申し上げ)?し?ます|お願いします)|よろしくお願い(?:いた|致)?します|敬具|草々|ありがとうございます"
    r"|此致|敬礼|谢谢|多谢|謝謝|祝好|顺祝商祺|此致敬礼|敬上|감사합니다|고맙습니다|안녕히\s*계세요|수고하세요|드림|올림"
    r"|(?:tisztelettel|üdvözlettel|köszönettel|üdv|köszönöm|szívélyes\s+üdvözlettel)|cu\s+(?:stimă|respect|drag)|mulțumesc(?:\s+(?:anticipat|mult))?|toate\s+cele\s+bune|με\s+(?:εκτίμηση|φιλικούς\s+χαιρετισμούς)"
    r"|(?:σας\s+)?ευχαριστώ|s\s+poštovanjem|(?:lijep|srdačan|lep)\s+pozdrav|lp|hvala(?:\s+unaprijed)?|lugupidamisega|ar\s+cieņu|pagarbiai|tänan|trân\s+trọng|salam|terima\s+kasih|hormat\s+saya"
)
THANKS = (
    r"thank|thx|many\s+thanks|much\s+thanks|vielen|danke|besten\s+dank|herzlichen\s+dank|merci|gracias|muchas|mil\s+gracias|grazie|obrigad|muito\s+obrigad|desde\s+já|bedankt|alvast|dank\s|bij\s+voorbaat"
    r"|(?:stort\s+)?tack\b|tak\b|mange\s+tak|takk|tusen|på\s+forhånd|kiitos|paljon\s+kiitos|dziękuję|z\s+góry|děkuji|předem|díky|ďakujem|спасибо|большое|заранее|дякую|благодаря|teşekkür|çok\s+teşekkür|谢谢|多谢|謝謝"
    r"|ありがとう|감사|고맙|köszön|mulțumesc|ευχαριστώ|σας\s+ευχ|hvala|ta\W*$|best\W*$|have\s+a|quedo\s|dans\s+l|in\s+attesa|schönen\s|bonne|belle|buon|hezký|přeji|хорошего|iyi\s|kolay"
)
