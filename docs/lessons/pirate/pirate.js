// A translator of another make: the contract of the translate component, and nothing else of Twinshop. It speaks pirate,
// whatever language it is asked for, and uses only what Node.js brings along.

const { createServer } = require("node:http");

const WORDS = { the: "th'", you: "ye", your: "yer", my: "me", is: "be", are: "be", and: "an'", of: "o'" };

const spoken = (text) => "Arr, " + text.split(" ").map((word) => WORDS[word.toLowerCase()] ?? word).join(" ");

/** `POST /translate/texts`: the translations in the order of the texts. `GET /translate/pairs`: it promises none. */
createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  const texts = request.method === "POST" ? JSON.parse(body).texts : [];
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(texts.map((text) => ({ text: spoken(text), origin: "engine", engine: "pirate" }))));
}).listen(8000);

process.on("SIGTERM", () => process.exit(0));
