// The stock OpenAI SDK against a server: arguments are its base URL, an API key and a model; prints what it got as JSON.
import OpenAI from "openai";

const [baseURL, apiKey, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const messages = [{ role: "user", content: "Hi" }];

let listed = false;
for await (const entry of client.models.list()) listed ||= entry.id === model;

let streamed = "";
for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
  streamed += chunk.choices[0]?.delta?.content ?? "";
}

const answer = await client.chat.completions.create({ model, messages });
const embeddings = await client.embeddings.create({ model, input: ["abc"], encoding_format: "float" });

let refused = 0;
try {
  await client.chat.completions.create({ model: "gone", messages });
} catch (error) {
  refused = error.status;
}

console.log(
  JSON.stringify({
    listed,
    streamed,
    answered: answer.choices[0].message.content,
    embedded: embeddings.data[0].embedding,
    refused,
  }),
);
