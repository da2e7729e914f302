/** Asks from trivial to hard, and some of them in other languages. */

/** Asks of all tiers, easiest first as people would sort them. */
export const ASKS: readonly string[] = [
  "Say hi",
  "What is the capital of France?",
  "Translate 'good morning' into Spanish",
  "What's 17 times 23?",
  "Write a haiku about the sea",
  "How do I rename a git branch?",
  "Which HTTP status means not found?",
  "Rename getUsr to getUser in src/users.ts",
  "Add a docstring to this function:\n\ndef area(r):\n    return 3.14 * r * r",
  "Sort these words: pear, apple, fig",
  "Make this mail friendlier: Send me the report today.",
  "Give me three names for a black cat",
  "Convert 30 degrees Celsius to Fahrenheit",
  "Bump the version in package.json to 1.4.2",
  "Explain what a hash map is in one sentence",
  "Write a SQL query that counts the orders of each customer",
  "Write a Python function that removes duplicates from a list but keeps the order",
  "Write unit tests for this:\n\n```ts\nexport const add = (a: number, b: number) => a + b;\n```",
  "Summarise the plot of Hamlet in five sentences",
  "Explain the difference between TCP and UDP to a beginner",
  "Why does this print undefined?\n\n```js\nconst f = () => { a: 1 };\nconsole.log(f());\n```",
  "Write a bash script that deletes log files older than 30 days",
  "Plan a three day trip to Lisbon with a small child",
  "Implement a debounce hook in React with TypeScript",
  "Review this function for bugs:\n\n```go\nfunc get(m map[string]int, k string) int {\n\treturn m[k]\n}\n```",
  "Create a REST endpoint in Express that uploads a file and checks its size",
  "Compare PostgreSQL and MongoDB for a web shop",
  "Write a Dockerfile for a Django app with a multi-stage build",
  "Refactor this class so that it no longer knows the database",
  "Parse ISO 8601 durations in Rust without a crate",
  "Our p99 latency doubled after we moved to connection pooling. What would you look at first?",
  "Implement a thread-safe LRU cache in C++ and explain its complexity",
  "Find the race condition: two workers read the same counter, add one and write it back; then " +
  "debug the deadlock that your lock adds.",
  "Migrate this monolith to services: propose the architecture, the order of the steps and the " +
  "trade-offs of each.",
  "Prove that the square root of 2 is irrational, then generalise the proof to every non-square.",
  "Design a distributed rate limiter that stays correct while a partition lasts; compare the " +
  "algorithms and analyze their failure modes.",
  "Derive the gradient of the attention layer and implement its backward pass in CUDA.",
  "Implement a red-black tree with deletion in Haskell and prove its invariants with QuickCheck " +
  "properties.",
  "Why can this seqlock return a torn value on ARM, and which fences make it right without more " +
  "than is needed? Prove it in the memory model.",
  "Write a compiler from a small typed lambda calculus to WebAssembly: design the intermediate " +
  "language, implement closure conversion and prove that types are preserved.",
];

/** An ask, in English and in other languages: de, fr, es, zh, ja. */
export type Translated = readonly [string, string, string, string, string, string];

/** Asks with their translations. */
export const TRANSLATED_ASKS: readonly Translated[] = [
  ["Say hi", "Sag hallo", "Dis bonjour", "Di hola", "打个招呼", "挨拶してください"],
  [
    "What is the capital of France?",
    "Was ist die Hauptstadt von Frankreich?",
    "Quelle est la capitale de la France ?",
    "¿Cuál es la capital de Francia?",
    "法国的首都是哪里？",
    "フランスの首都はどこですか？",
  ],
  [
    "Rename the variable x to count",
    "Benenne die Variable x in count um",
    "Renomme la variable x en count",
    "Cambia el nombre de la variable x a count",
    "把变量 x 重命名为 count",
    "変数 x の名前を count に変えてください",
  ],
  [
    "Write a haiku about the sea",
    "Schreib ein Haiku über das Meer",
    "Écris un haïku sur la mer",
    "Escribe un haiku sobre el mar",
    "写一首关于大海的俳句",
    "海についての俳句を書いてください",
  ],
  [
    "Explain the difference between TCP and UDP",
    "Erkläre den Unterschied zwischen TCP und UDP",
    "Explique la différence entre TCP et UDP",
    "Explica la diferencia entre TCP y UDP",
    "解释 TCP 和 UDP 的区别",
    "TCP と UDP の違いを説明してください",
  ],
  [
    "Write a Python function that reads a CSV file",
    "Schreib eine Python-Funktion, die eine CSV-Datei liest",
    "Écris une fonction Python qui lit un fichier CSV",
    "Escribe una función de Python que lea un archivo CSV",
    "写一个读取 CSV 文件的 Python 函数",
    "CSV ファイルを読む Python の関数を書いてください",
  ],
  [
    "Debug this memory leak in our Node server",
    "Finde dieses Speicherleck in unserem Node-Server",
    "Trouve cette fuite de mémoire dans notre serveur Node",
    "Depura esta fuga de memoria en nuestro servidor Node",
    "调试我们 Node 服务器中的这个内存泄漏",
    "Node サーバーのこのメモリリークをデバッグしてください",
  ],
  [
    "Review this architecture and propose improvements",
    "Prüfe diese Architektur und schlage Verbesserungen vor",
    "Examine cette architecture et propose des améliorations",
    "Revisa esta arquitectura y propón mejoras",
    "审查这个架构并提出改进建议",
    "このアーキテクチャをレビューして改善案を出してください",
  ],
  [
    "Implement a thread-safe LRU cache in Rust with tests",
    "Implementiere einen thread-sicheren LRU-Cache in Rust mit Tests",
    "Implémente un cache LRU thread-safe en Rust avec des tests",
    "Implementa una caché LRU segura para hilos en Rust con pruebas",
    "用 Rust 实现一个线程安全的 LRU 缓存并附上测试",
    "スレッドセーフな LRU キャッシュを Rust でテスト付きで実装してください",
  ],
  [
    "Plan a three day trip to Lisbon",
    "Plane eine dreitägige Reise nach Lissabon",
    "Planifie un voyage de trois jours à Lisbonne",
    "Planifica un viaje de tres días a Lisboa",
    "计划一次为期三天的里斯本之旅",
    "リスボンへの三日間の旅行を計画してください",
  ],
  [
    "Prove that there are infinitely many primes",
    "Beweise, dass es unendlich viele Primzahlen gibt",
    "Démontre qu'il existe une infinité de nombres premiers",
    "Demuestra que hay infinitos números primos",
    "证明素数有无穷多个",
    "素数が無限に存在することを証明してください",
  ],
  [
    "Design a distributed scheduler, compare the trade-offs and prove that it is fair",
    "Entwirf einen verteilten Scheduler, vergleiche die Kompromisse und beweise, dass er fair ist",
    "Conçois un ordonnanceur distribué, compare les compromis et prouve qu'il est équitable",
    "Diseña un planificador distribuido, compara las ventajas y demuestra que es justo",
    "设计一个分布式调度器，比较各种权衡，并证明它是公平的",
    "分散スケジューラを設計し、トレードオフを比較し、公平であることを証明してください",
  ],
];
