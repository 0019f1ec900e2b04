// What is nicer with a script; everything works without.
"use strict";

const GUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
const RIGHT = {
  client_id: new RegExp(`^${GUID}$`),
  tenant: new RegExp(`^(${GUID}|[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+|organizations)$`),
};
const EVERY = 3000; // milliseconds

function addCopyButtons() {
  for (const text of document.querySelectorAll(".to-copy")) {
    const box = document.createElement("div");
    const button = document.createElement("button");
    box.className = "copying";
    button.type = "button";
    button.textContent = document.body.dataset.copy;
    button.setAttribute("aria-describedby", text.id);
    text.before(box);
    box.append(text, button);
    button.addEventListener("click", async () => {
      text.select();
      await navigator.clipboard.writeText(text.value);
      button.textContent = document.body.dataset.copied;
    });
  }
}

// The two IDs are looked at while they are typed; what would be right is said once they are long enough to be wrong.
function checkIds() {
  for (const [key, right] of Object.entries(RIGHT)) {
    const input = document.getElementById(key);
    const wrong = document.getElementById(`hint-${key}`);
    if (!input || !wrong) continue;
    const look = (left) => {
      const value = input.value.trim();
      const bad = value !== "" && !right.test(value) && (left || value.length >= 36);
      wrong.parentElement.classList.toggle("bad", bad);
      input.setAttribute("aria-invalid", String(bad));
    };
    input.addEventListener("input", () => look(false));
    input.addEventListener("change", () => look(true));
  }
}

async function follow() {
  const now = document.getElementById("now");
  for (;;) {
    await new Promise((wake) => setTimeout(wake, EVERY));
    if (document.hidden) continue;
    try {
      const answer = await fetch("/now");
      if (!answer.ok) throw new Error(answer.statusText);
      const text = await answer.text();
      if (text.trim() !== now.innerHTML.trim()) now.innerHTML = text;
    } catch {
      const told = document.createElement("p");
      told.className = "told bad";
      told.setAttribute("role", "alert");
      told.textContent = document.body.dataset.ended;
      now.replaceChildren(told);
      for (const button of document.querySelectorAll("button")) button.disabled = true;
      return;
    }
  }
}

addCopyButtons();
checkIds();
follow();
