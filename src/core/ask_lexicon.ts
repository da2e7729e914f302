/** The themes that an ask may touch, by the words that show them, in the commonest languages. */

/** One theme. */
export interface Theme {
  readonly name: string;
  /** What an ask of this theme does: "the ask …". */
  readonly says: string;
  /**
   * Lower-case words, parted by white space, with every number as one 0. `stem*` stands for all words
   * that begin so, `two_words` for neighbours, `two_stem*` for a word before one that begins so,
   * ideographs for themselves anywhere.
   */
  readonly words: string;
}

/**
 * THE TABLE of themes. Chosen for what small models are known to get wrong (counting characters,
 * metre, exact lengths, races, small languages, …) or right; how much each weighs is trained.
 */
export const THEMES: readonly Theme[] = [
  {
    name: "poem",
    says: "asks for a poem",
    words: `ballad* dikt* gedicht* limerick* lyric* poem* poet poetry rap runot* vers verse
      verses wiersz* báseň* poème* şiir* стих* 詩 诗 시를* 시조*`,
  },
  {
    name: "verse",
    says: "asks for metre or rhyme",
    words: `acrost* akrost* alexandrin* couplet* iamb* kafiye* kigo kireji meter metre morae
      quatrain* reim* rhym* rim rima* rime* rym* scan scans sestina* silb* sillab* sonett*
      sonnet* stanza* strophe* syllab* villanelle* endecasíl* octosíl* sílab* versmaß* рифм* 俳句
      川柳 押韵 押韻 短歌 운율*`,
  },
  {
    name: "wordplay",
    says: "asks for wordplay",
    words: `alliterat* anagram* calembour* crossword* cryptic kelime_oyun* kreuzwort* lipogram*
      oxymoron* palindrom* pangram* portmanteau* pun puns riddle* scrabble* spooner*
      tongue_twister* trocadilho* wordplay wortspiel* wortwitz* zungenbrech* schüttelreim*
      анаграм* каламбур* палиндром* だじゃれ 双关 回文 早口言葉 绕口令 谐音`,
  },
  {
    name: "letters",
    says: "is about letters and characters",
    words: `backwards buchstab* character characters chars consonant* harf* letra* letter
      lettere letters lettre* liter* reversed vowel* букв* 字母 文字 글자*`,
  },
  {
    name: "exactly",
    says: "wants something exactly so",
    words: `0_character* 0_kelime* 0_lignes 0_line* 0_mots 0_palabras 0_palavras 0_parole
      0_righe 0_sentence* 0_syllable* 0_word* 0_zeile* 0_cümle* 0_línea* 0_sätze* 0_słów
      0_wörter* 0_zdań 0_слов* 0_строк* esattamente exact exactamente exactement exactly exakt
      exatamente genau precies precisely tam_olarak verbatim dokładnie nøyaktig* přesně ровно
      точно ちょうど 個以内 字以内 恰好 正好 정확히*`,
  },
  {
    name: "without",
    says: "rules something out",
    words: `avoid bez don_t dont ilman kein keine never nicht nie niet no not ohne olmadan pas
      sans senza sin utan uten without zonder без не なし 不能 不要 없이*`,
  },
  {
    name: "conditions",
    says: "sets conditions",
    words: `all at_least at_most constraint* debe deben deve doit each every maximum minimum
      moet musi muss must need needs no_more only requirement* should soll müssen должен каждый
      すべて 必须 每`,
  },
  {
    name: "calculation",
    says: "asks for a calculation",
    words: `average berechn* beregn* bereken* calcol* calcul* comput* discount* hesapla*
      interest mean mortgage oblicz* percent* porcent* pourcent* prozent* rate* rechn* sum total
      zins* räkna* spočít* vypočít* порахуй* посчита* процент* рассчита* 多少钱 計算 计算 계산*`,
  },
  {
    name: "quantity",
    says: "asks how many",
    words: `combien hoeveel how_long how_many how_much hvor_mange ile kolik quant* wie_viel
      cuánt* hur_många kaç сколько скільки いくつ 何人 几 多少 몇*`,
  },
  {
    name: "chance",
    says: "is about chance and combinations",
    words: `cards coin combinat* dados dice expected kans kombinat* odds permut* prawdopodob*
      probabilidad* probabilit* random wahrscheinlich* dés olasılık* würfel* вероятност* кубик*
      概率 確率 확률*`,
  },
  {
    name: "puzzle",
    says: "is a puzzle",
    words: `acertijo* ajedrez alphametic* brain_teaser* bridge chess cryptarithm* enigma*
      indovinell* jug jugs knaves knights logic* logik* puzzle* riddle* schach* sudoku* weigh
      weighing zagadk* rätsel* échecs énigme* загадк* шахмат* パズル 谜 逻辑 퍼즐*`,
  },
  {
    name: "proof",
    says: "asks for a proof",
    words: `bevis* beweis* bewijs* corollar* demostr* demuestr* dimostr* ispat* lemma* proof*
      prova prove rigorous* satz theorem* udowodnij* dokaž* dowód* démontr* докаж* 証明 证明 증명*`,
  },
  {
    name: "mathematics",
    says: "is about mathematics",
    words: `algebra* angle* complex converg* derivativ* dreieck* ecuaci* eigen* equation* f_x
      field frac function geometr* gleichung* group homomorph* infinit* integer* integral* limit
      logarithm* manifold* matrices matrix mod modulo polynom* prime primes ring sequence series
      sqrt theta topolog* triangle* vector* równani* équation* уравнен* 函数 方程 积分`,
  },
  {
    name: "current",
    says: "asks about what is current",
    words: `actual actuel* aktuell* attual* aujourd* cheapest current currently demain domani
      dzisiaj flight flights gestern google heute hoy idag jutro latest look_up morgen near_me
      news oggi open_now opening_hours right_now stock this_week ticket* today today_s tomorrow
      tonight vandaag weather wetter yesterday bugün dziś mañana météo yarın завтра сегодня
      сейчас 今天 今日 明天 明日 最新 现在 내일* 오늘*`,
  },
  {
    name: "reference",
    says: "refers to what came before",
    words: `above adjunt* again allegat* anbei anexo anhang attach attached attachment* bijlage
      ci_joint earlier ekli ekte joint previous same screenshot* still vedlagt angehängt*
      załącz* вложен* 添付 附件 첨부*`,
  },
  {
    name: "translation",
    says: "asks for a translation",
    words: `oversett* trad tradu* translat* vertaal* vertal* fordít* käännä* oversæt*
      przetłumacz* přelož* tłumacz* çevir* översätt* übersetz* перевед* перевод* переклад* 翻訳
      訳して 译 번역*`,
  },
  {
    name: "smallLanguage",
    says: "is about a small language or a dialect",
    words: `amharic armenian bairisch* basque bayrisch* breton burmese cantonese catalan creole
      dialect* dialekt* estonian faroese frisian gaelic galician georgian guarani hausa hawaiian
      hokkien icelandic igbo irish kannada khmer kreyol kurdish lao latin latvian lithuanian
      luxembourgish malayalam maltese maori mongolian mundart* nepali occitan papiament* pashto
      plattdeutsch* quechua samoan sanskrit sardinian schweizerdeutsch* scots sicilian sinhala
      slovenian somali swahili tagalog tamil telugu tibetan tigrinya uyghur welsh wienerisch*
      xhosa yiddish yoruba zulu kölsch* schwäbisch* 古文 文言 方言 粤语`,
  },
  {
    name: "rewrite",
    says: "asks for a rewrite or a summary",
    words: `bullet* clearer corrig* fasse formulier* friendlier grammar* herschrijf* korrigier*
      nicer polite* popraw* proofread* rephras* resum* reword* rewrite* riassum* shorten*
      simpler spelling summari* titel title* titre tl_dr typo* umformulier* verbeter*
      zusammenfass* düzelt* kürz* résum* título исправ* перепиши* сократ* 总结 改写 标题 校正 润色 要約 맞춤법*
      요약*`,
  },
  {
    name: "explanation",
    says: "asks for an explanation",
    words: `bedeutet difference differenza explain* explanation* explica* expliqu* forklar*
      meaning means signif* simple_terms spiega* uitleg* unterschied* what_are what_is what_s
      whats açıkla* erklär* förklara* vysvětl* wyjaśnij* объясн* поясни* とは 什么是 区别 解释 説明 違い 설명*
      차이*`,
  },
  {
    name: "message",
    says: "asks for a message or a greeting",
    words: `anniversaire announcement* antwort* apolog* bewerbung* birthday brief caption
      compleanno congrat* cover_letter danke e_mail einladung* email geburtstag* hochzeit*
      invitation* mail message postcard reply slogan* tebrik text_message thank thanks toast
      wedding cumpleaños doğum félicit* glückwunsch* glückwünsch* życzenia лист письмо поздрав*
      メール 祝福 邮件 이메일* 축하*`,
  },
  {
    name: "concurrency",
    says: "is about concurrency or distributed systems",
    words: `async* atomic* await channel cluster* concurren* consensus consisten* deadlock*
      distributed eventual* goroutine* idempoten* isolation kafka lease* lock lock_free locking
      locks mutex* parallel* partition* paxos queue* race_condition* raft replica* semaphore*
      shard* thread* transaction* 並行 分布式 并发 排他 线程 동시성* 스레드*`,
  },
  {
    name: "machine",
    says: "is about memory and machine code",
    words: `undefined_behavio* abi alias* align* asm assembly avx* bitfield* borrow* bytecode
      cache_line* cuda dma ebpf endian* ffi fpga gpu heap interrupt* isr jit kernel* lifetime*
      linker* llvm mmio neon pointer* register* segfault* simd stack ub unsafe verilog vhdl
      volatile wasm`,
  },
  {
    name: "performance",
    says: "is about performance",
    words: `allocat* benchmark* complexity cpu faster flame* hot langsam* latency leak* lent
      lente memory ms ns o_n oom optimi* p0 performance profil* slow slower throughput vectori*
      yavaş медленн* 优化 内存 性能 遅い 최적화*`,
  },
  {
    name: "sometimes",
    says: "is about what happens only sometimes",
    words: `a_veces a_volte bazen ci czasem flaky heisenbug* intermittent* manchmal nondetermin*
      occasionally only_in parfois prod production random randomly reproduc* sometimes soms
      às_vezes иногда たまに 偶尔 時々 有时 가끔*`,
  },
  {
    name: "design",
    says: "asks for design or a plan",
    words: `approach* architect* architektur* backward* compare concev* design* entwirf entwurf*
      evaluate migrat* plan progett* propose refactor* review rollout* scal* schema* strateg*
      tasarla* trade_off* tradeoff* zaprojekt* diseñ* спроект* 架构 設計 设计 설계*`,
  },
  {
    name: "error",
    says: "is about an error",
    words: `broken bug bugs cannot crash* erreur* error* exception* fail failed failing fails
      fehler* feil fout* hata not_working null panic* traceback undefined warning* błąd* ошибк*
      помилк* エラー 报错 错误 에러* 오류*`,
  },
  {
    name: "chore",
    says: "is a chore of everyday coding",
    words: `alias boilerplate changelog* command comment* commit config* csv dockerfile*
      docstring* flag format* gitignore* import imports indent* install* json lint* markdown
      one_liner oneliner readme* regex* rename* snippet* table unused yaml`,
  },
  {
    name: "law",
    says: "is about law, contracts or tax",
    words: `allowance belasting* clause* contract* contrat* court deductible droit gdpr gesetz*
      impuest* inherit* landlord law laws lawyer* legal* liab* notice podatk* recht rechtlich*
      steuer* tax taxes tenant* umow* vergi* vertrag* visa impôt* kündig* договор* закон* налог*
      合同 契約 法律 税 법*`,
  },
  {
    name: "health",
    says: "is about health",
    words: `allerg* arzt blood diagnos* doctor dosage dose* fever medicat* medizin* mg pain
      patient* pregnan* symptom* therap* médic* врач* лекарств* 医生 薬 약*`,
  },
  {
    name: "security",
    says: "is about security",
    words: `attack* auth* constant_time crypto* csrf cve decrypt* encrypt* exploit* injection*
      jwt nonce* oauth* secure* security signature* threat* vulnerab* xss 安全 漏洞`,
  },
  {
    name: "long",
    says: "asks for a long or complete text",
    words: `article* aufsatz* business_plan chapter* compless* complet* comprehensive curriculum
      detailed detallad* dialog* dissertation* essay* from_scratch full geschichte* in_depth
      monolog* novel* production_ready report* scene* speech* step_by stories story syllabus
      thorough* ausführlich* vollständig* подробн* полн* 完整 小说 詳しく 详细 자세히*`,
  },
  {
    name: "algorithm",
    says: "is about algorithms or a rare language",
    words: `agda algorithm* allocator* apl automat* b_tree backtrack* brainfuck* btree cache*
      compiler* convex coq coroutine* crdt* dijkstra* dynamic_programming erlang fft foldl foldr
      forth gadt* generic* graph* haskell heap interpreter* lean lisp lru macro* monad* np_hard
      ocaml parser* prolog quicksort recursi* rust scala scheduler* suffix trait* tree trees
      trie type_system zig アルゴリ 算法 알고리즘*`,
  },
  {
    name: "encoding",
    says: "is about encodings and digits",
    words: `ascii base0 binary bitmask* bits bitwise bytes checksum* crc* decimal hex iban luhn
      md0 octal roman sha sha0 unicode utf_0 xor`,
  },
  {
    name: "dates",
    says: "is about dates and times",
    words: `agenda calendar* cron* date dates days dienstplan* dst fahrplan* horario* hours
      kalender* leap roster* schedul* shift shifts timetable* timezone* utc weekday* график
      расписан* 日期 星期 曜日 날짜*`,
  },
  {
    name: "tone",
    says: "is about humour and tone",
    words: `blague* chiste* dialogue* funny gracios* humor* humour* joke* komik lustig*
      metaphor* parod* roleplay* sarcas* satir* style tone voice witty witz* drôle* śmieszn*
      смешн* шутк* 幽默 笑话 面白 농담*`,
  },
  {
    name: "order",
    says: "asks for an order or the best",
    words: `alphabetical* arrange* best cheapest fastest longest maximi* minimi* optimal ordena*
      order ordered ordina* ordne posortuj rank* shortest sort sorted sortier* triez sırala*
      отсортир* 並べ 排序 정렬*`,
  },
  {
    name: "brevity",
    says: "wants it short or simple",
    words: `bonjour breve brief briefly ciao corto court courte hallo hej hello hey hi hola kort
      kurz merhaba one_sentence one_word quick quickly sentence sentences short simple thanks
      yes_or cześć krótk* kısa коротк* краткий привет こんにち 你好 短い 简短 안녕* 짧게*`,
  },
  {
    name: "why",
    says: "asks why",
    words: `cause dlaczego how_come hvorfor neden pourquoi reason root_cause waarom warum
      weshalb why wieso niçin perché por_qué proč varför почему чому どうして なぜ 为什么 왜*`,
  },
];
