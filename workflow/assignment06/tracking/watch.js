// Every two seconds the part that changes; what was opened stays open.
"use strict";

const here = document.getElementById("now");
const lost = document.getElementById("lost");
let last = "";

async function renew() {
  try {
    const answer = await fetch("now", { cache: "no-store" });
    const text = await answer.text();
    if (answer.ok && text !== last) {
      const open = [...here.querySelectorAll("details[open]")].map((one) => one.id);
      here.innerHTML = text;
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      last = text;
    }
    lost.hidden = answer.ok;
  } catch {
    lost.hidden = false;
  }
  setTimeout(renew, 2000);
}
renew();
