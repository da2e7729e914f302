/** Signatures of a fake vendor that, like the real one's, hold for one model and one text alone. */

const SEAL_HEAD = "sealed.";

/** Signatures that tests write by hand start so, and are taken as they are. */
const PLAIN_HEAD = "sig";

/** The signature that the vendor gives out for what this model thought. */
export function sealThinking(model: string, thought: string): string {
  return `${SEAL_HEAD}${hashOf(`${model}\n${thought}`)}`;
}

/** The data of a redacted block of this model; its thought is only a name that tests give it. */
export function sealRedacted(model: string, thought: string): string {
  return `${SEAL_HEAD}${thought}.${hashOf(`${model}\nredacted\n${thought}`)}`;
}

/** Whether the vendor gave out this signature for this model and text. */
export function isThinkingSealed(model: string, thought: string, signature: string): boolean {
  return signature.startsWith(PLAIN_HEAD) || signature === sealThinking(model, thought);
}

/** Whether the vendor gave out this data for this model. */
export function isRedactedSealed(model: string, data: string): boolean {
  if (!data.startsWith(SEAL_HEAD)) return data.startsWith(PLAIN_HEAD);
  const thought = data.slice(SEAL_HEAD.length, data.lastIndexOf("."));
  return data === sealRedacted(model, thought);
}

/** FNV-1a over UTF-16 units, twice, as 16 hexadecimal digits (RFC 9923). */
function hashOf(text: string): string {
  return [0x811c9dc5, 0x01000193].map((offset) => {
    let hash = offset;
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    return (hash >>> 0).toString(16).padStart(8, "0");
  }).join("");
}
