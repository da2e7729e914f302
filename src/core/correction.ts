/** Users who say that it still does not work, or who only say "go on": in the main languages. */

/** Only a remark this short is a correction; a longer text brings an ask of its own. */
const MAX_CHARS = 1_500;

/** What a correction says, it says early: so many characters are looked at. */
const HEAD_CHARS = 240;

/** No `\b` beside letters beyond ASCII: it knows none of them. */
const CORRECTIONS: readonly RegExp[] = [
  // English
  /\b(?:still|again) (?:not|no|fails?|failing|failed|broken|wrong|the same|crash\w*|errors?|throws?|(?:gives?|gets?|getting|shows?|see(?:ing)?)(?= (?:me )?(?:the|an?|this|that|errors?|same|wrong|nothing|no|\d)\b)|doesn['’]?t|does not|isn['’]?t|is not|can['’]?t|won['’]?t|wrong)\b/i,
  /\b(?:it|that|this|they|which)(?:['’]s)? (?:(?:also|just|really|all|still) )?(?:did ?n['’]?o?t|does ?n['’]?o?t|do ?n['’]?o?t|is ?n['’]?t|is not|won['’]?t|no longer) (?:even )?(?:work|compile|run|build|help|fix|pass|right|correct|what I)/i,
  /^(?:sorry,? |hm+,? |well,? |but )?(?:it |that |this )?(?:doesn['’]?t|does not|didn['’]?t|did not|not) (?:work|compile|run|build|help|fix|pass)(?:ing|ed)?\b/i,
  /^(?:(?:thanks|ok|but|still|hm+|i|it|we|now|get|getting|got|gives?|see|seeing|is|it['’]s|the|that['’]s|this|exactly|with|again|me|have|and|there['’]s|throws|shows|sorry|same)[,.]? ){0,8}same (?:\w+ )?(?:error|problem|issue|result|bug|crash|failure|exception|output|message|thing)s?\b(?! (?:as|in|for|with|format|style)\b)/i,
  /^(?:no|nope|nah)[,.! ]+(?:I (?:meant|mean|want|said|asked)|that(?!['’]?s (?:all|it|fine|enough))|not|it|the|this|you|don['’]?t|wrong)\b/i,
  /^(?:(?:this|that|it|that['’]s|this is|it['’]s) )?(?:is )?(?:still )?(?:wrong|incorrect|not right|not correct|nonsense|not what I)\b(?! answers?\b)/i,
  /^(?:(?:no|but|sorry|hm+|well|actually|yes)[,.]? ){0,2}I (?:meant|said(?! (?:thanks|thank|hi|hello)\b)|told you|asked you (?:for|to)|asked for .{1,40}\bnot\b)/i,
  /\b(?:not what I (?:asked|meant|wanted)|you (?:broke|missed|forgot|misunderstood|ignored|misread)(?! nothing))\b/i,
  /^(?:try|fix it|do it) again\b/i,
  // German
  /(?:immer noch|noch immer|weiterhin|nach wie vor|trotzdem) (?:nicht|kein|falsch|kaputt|der|die|das|ein|fehler)/i,
  /\b(?:geht|funktioniert|klappt|läuft|kompiliert|hilft|stimmt|passt) (?:so |aber |leider |auch |jetzt |noch |immer ){0,3}nicht\b/i,
  /\b(?:gleiche[rsn]?|selbe[rn]?|derselbe) fehler|^nein[,.! ]+(?:ich|das|nicht|so)|^(?:das (?:ist|war) )?(?:falsch|nicht richtig|nicht das)\b|hat nicht (?:funktioniert|geklappt|geholfen)/i,
  // French
  /\b(?:ne |n['’])(?:marche|fonctionne|compile|passe|aide|a) (?:toujours |encore |plus |rien ){0,2}(?:pas|changé|march|fonctionn)/i,
  /toujours (?:pas|la même|le même|une erreur|faux)|\bmême (?:erreur|problème|résultat)|^non[,.! ]+(?:je|ce|pas|c['’])|^(?:c['’]est )?(?:faux|incorrect)\b|ce n['’]est pas (?:ça|ce que|bon)/i,
  // Spanish
  /\b(?:sigue|todavía|aún|continúa) (?:sin|no|fallando|dando|igual|con|el mismo)|\bno (?:funciona|funcionó|compila|sirve|va|ayudó)\b/i,
  /\bmismo (?:error|problema|resultado)|^no[,.! ]+(?:quería|quise|me refer|eso|así)|^(?:eso )?(?:está|es) (?:mal|incorrecto)|eso no es/i,
  // Portuguese
  /(?:ainda|continua) (?:não|com|dando|falhando|o mesmo|errado|sem)|não (?:funciona|funcionou|compila|deu certo|ajudou)|mesmo (?:erro|problema|resultado)|^não[,.! ]+(?:eu|isso|quis|era)|está errado/i,
  // Italian
  /\bnon (?:funziona|compila|va|ha funzionato|passa)\b|ancora (?:non|lo stesso|errore|sbagliato)|stesso (?:errore|problema|risultato)|^no[,.! ]+(?:intendevo|volevo|non)|(?:è|e') sbagliato/i,
  // Dutch
  /nog (?:steeds|altijd) (?:niet|geen|fout|dezelfde|kapot)|\b(?:werkt|klopt|compileert|helpt|lukt) (?:nog |steeds |helaas |ook ){0,3}niet\b|(?:zelfde|dezelfde) fout|^nee[,.! ]+(?:ik|dat|niet)/i,
  // Russian
  /(?:всё|все) (?:ещё|еще|равно) (?:не|та же|ошибка|падает)|(?:по-прежнему|опять|снова) (?:не|ошибк|та же|падает)|не (?:работает|компилируется|помогло|сработало|запускается|собирается)|т(?:а|у) же (?:самая |самую )?ошибк|^нет[,.! ]+(?:я|не|это)|^(?:это )?(?:неправильно|неверно)/i,
  // Polish
  /(?:nadal|wciąż|dalej) (?:nie|ten sam|to samo|błąd|źle)|nie (?:działa|kompiluje|pomogło|zadziałało)|(?:ten sam|taki sam) błąd|^nie[,.! ]+(?:chodziło|to|ja|miał)|(?:jest|to) (?:źle|błędne)/i,
  // Turkish
  /(?:hâlâ|hala) (?:çalış|hata|aynı|olm|yanlış|başarısız)|çalışm(?:ıyor|adı)|derlenm(?:iyor|edi)|aynı hata|^hayır(?![,.! ]*(?:teşekkür|sağ ol))[,.! ]+|olmadı|^(?:bu )?yanlış/i,
  // Chinese
  /(?:还是|還是|依然|仍然|仍旧)(?:不|没|沒|报错|報錯|失败|失敗|有|错|錯|一样|一樣|出错|同样|这个)|^(?:不行|不对|不對|没用|沒用|错了|錯了|不是这样|不是這樣)|同样的(?:错误|问题|报错)|编译(?:不过|失败)|不(?:能用|起作用|工作)|我(?:的意思|说的)是/,
  // Japanese
  /まだ(?:動|エラー|だめ|ダメ|失敗|直|同じ|でき|うまく)|(?:動きません|動かない|動作しません|うまくいきません|違います|直っていません|直ってない|コンパイルでき)|同じ(?:エラー|結果|問題)|そうではなく|^(?:違う|いいえ)/,
  // Korean
  /(?:아직도?|여전히|계속) (?:안|실패|오류|에러|같은|작동|똑같)|안 ?(?:돼|되|됩니다|됨)|같은 (?:오류|에러|문제)|틀렸|그게 아니라|작동하지 않|컴파일.{0,4}(?:안|실패)/,
];

/** What says so only where nothing else is said: so many characters. */
const REMARK_CHARS = 70;

const BARE_NO = /^(?:no|nope|nah|nein|non|nee|нет|nie|不|いいえ)[.!。！ ]*$/i;

const REMARKS: readonly RegExp[] = [
  BARE_NO,
  /^wrong[.! ]*$/i,
  /^(?:but |sorry,? |hm+,? |thanks,? but )?(?:it|that|this)(?:['’]s| is) (?:still |also |just )?(?:not (?:working|it|right|correct|what|fixed|done|compiling|running|building|passing)|red|broken|failing|wrong)\b/i,
  /^(?:but )?(?:the |my |our |all |some |two |three )?(?:unit )?(?:tests?|build|ci|output|result|answer|code|app|page|script)(?: (?:is|are|still|now|just|all)){0,3} (?:fails?|failing|failed|wrong|broken|red|crash(?:es|ed|ing)?|incorrect|empty)\b/i,
  /^(?:and |but )?now (?:I|it|we) (?:get|got|gets|see|have|fails?|crash\w*|throws?|shows?|says)\b.*(?:error|exception|fail|crash|undefined|null|nothing)/i,
  /^(?:(?:that|this|it|you) )(?:just |also )?(?:broke|breaks)\b/i,
  /^(?:there['’]s |it['’]s |I see )?still (?:nothing|no\b|not\b|red|broken|the same)/i,
  /^I (?:do ?n['’]?o?t|do not) (?:think|believe) (?:that|this|it)(?:['’]s| is| was)? ?(?:is |was )?(?:right|correct|it|what|working|works)\b/i,
  /^(?:mais |non,? )?(?:ça|ca|cela) (?:ne )?(?:marche|fonctionne|compile|passe) (?:toujours |encore )?(?:pas|plus)/i,
  /^(?:mais )?c['’]est (?:toujours|encore) (?:cassé|faux|rouge|pas|en erreur)/i,
  /^(?:まだ)?(?:ダメ|だめ|駄目)(?:です|だ|でした)?[。！!]*$/,
];

/** What no correction begins with, or what thanks say. */
const CONTENT = /^(?:if|when|¿|wenn|falls|si\b)|^(?:it|that|this) works?\b|\bperfect\b/i;

/** Words in quotation marks are somebody else's. */
const QUOTED = /(?<![\p{L}\p{N}])['‘"“«`][^'’"”»`\n]{0,200}['’"”»`](?![\p{L}\p{N}])/gu;

/** Whether the user says that the last answer was not right. */
export function isCorrection(text: string): boolean {
  if (text.length > MAX_CHARS) return false;
  const head = text.slice(0, HEAD_CHARS).replace(QUOTED, "…").trim();
  if (CONTENT.test(head)) return false;
  const isRemark = text.trim().length <= REMARK_CHARS && !/[?？]/.test(text);
  return (isRemark && REMARKS.some((pattern) => pattern.test(head))) ||
    CORRECTIONS.some((pattern) => pattern.test(head));
}

const GO_AHEAD_CHARS = 60;

/** Word for word, so that an ask that begins with "yes" stays an ask. */
const GO_AHEAD = new RegExp(
  `^(?:${
    [
      "(?:ok(?:ay)?|yes|yep|yeah|sure|right|please|perfect|great|good|now|and|so|fine|alright)?[,.! ]*" +
      "(?:ok(?:ay)?|yes|yep|yeah|y|sure|please|go|go on|go ahead|go for it|continue|keep going|carry on|" +
      "proceed|next|do it|do that|do so|please do|please continue|apply it|looks good|lgtm|" +
      "make it so|sounds good|retry|try again)(?:,? (?:please|then|now|with (?:it|that)))?",
      "(?:ja|klar|gut|okay)?[,.! ]*(?:ja|ja bitte|weiter|mach weiter|mach das|los|bitte weiter|mach es)",
      "(?:oui|d['’]accord|ok)?[,.! ]*(?:oui|continue|continuez|vas-y|allez-y|fais-le)",
      "(?:sí|si|vale|ok)?[,.! ]*(?:sí|si|continúa|continua|sigue|adelante|hazlo|dale)",
      "(?:sim|ok)?[,.! ]*(?:sim|continue|continua|prossiga|pode continuar|faça isso)",
      "(?:sì|va bene)?[,.! ]*(?:sì|continua|procedi|vai avanti|vai)",
      "(?:ja|oké)?[,.! ]*(?:ga door|ga verder|doe maar)",
      "(?:да|хорошо|ок)?[,.! ]*(?:да|продолжай|продолжи|дальше|давай|применяй|делай)",
      "(?:tak|dobrze)?[,.! ]*(?:tak|kontynuuj|dalej|zrób to)",
      "(?:evet|tamam)?[,.! ]*(?:evet|devam|devam et|yap)",
      "(?:好的?|可以|是的?|行)?[，。,! ]*(?:好的?|继续|繼續|是的?|可以|请继续|開始吧|开始吧|行)",
      "(?:はい)?[、。, ]*(?:はい|続けて|続けてください|お願いします|進めて(?:ください)?)",
      "(?:네|예)?[,. ]*(?:네|예|계속|계속해|계속해줘|계속하세요|진행해(?:줘)?)",
    ].join("|")
  })[.!。！ ]*$`,
  "i",
);

/** Whether the user only lets the assistant go on. */
export function isGoAhead(text: string): boolean {
  const words = text.trim();
  return words.length <= GO_AHEAD_CHARS && GO_AHEAD.test(words);
}

/** A reply is no longer than this: more words bring an ask of their own. */
const REPLY_WORDS = 5;
const REPLY_CHARS = 40;

/** Chinese and Japanese put no spaces. */
const REPLY_IDEOGRAPHS = 12;

/** An assistant that only offers more has asked nothing about the matter. */
const OFFER =
  /(?:anything|what|something) else|next\s*\?|(?:can|may|could) I (?:help|assist|do for)|would you like to (?:do|talk|know|discuss)|let me know/i;

/** Whether a bare "no" answers the assistant's question. */
export function isRefusal(text: string, before: string): boolean {
  return BARE_NO.test(text.trim()) && /[?？؟]/.test(before.slice(-300));
}

/** Whether a short text answers the question with which the assistant's message ends. */
export function isReply(text: string, before: string): boolean {
  const words = text.trim();
  const end = before.slice(-300);
  if (words.length > REPLY_CHARS || /[?？؟]/.test(words)) return false;
  if (!/[?？؟]/.test(end) || OFFER.test(end)) return false;
  if ((words.match(/[\u3040-\u30ff\u3400-\u9fff]/g)?.length ?? 0) > REPLY_IDEOGRAPHS) return false;
  return words.split(/\s+/).length <= REPLY_WORDS;
}
