// Small comforts of the organiser's form; everything works without them.

const search = document.getElementById("task-search");

if (search) {
  const frame = search.closest("[data-tasks]");
  const none = frame.querySelector("[data-task-none]");
  const sections = [...frame.querySelectorAll("details")].map((element) => ({
    element,
    wasOpen: element.open,
    name: element.querySelector("summary").textContent.toLowerCase(),
    tasks: [...element.querySelectorAll("[data-task]")],
  }));
  frame.querySelector("[data-task-search]").hidden = false;

  const filter = () => {
    const words = search.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const section of sections) {
      let here = 0;
      for (const task of section.tasks) {
        const text = `${section.name} ${task.textContent.toLowerCase()}`;
        const fits = words.every((word) => text.includes(word)) || task.querySelector("input").checked;
        task.hidden = !fits;
        here += fits ? 1 : 0;
      }
      section.element.hidden = here === 0;
      section.element.open = words.length > 0 ? here > 0 : section.wasOpen;
      found += here;
    }
    for (const plan of frame.querySelectorAll("[data-plan]")) {
      plan.hidden = ![...plan.querySelectorAll("details")].some((section) => !section.hidden);
    }
    none.hidden = found > 0;
  };
  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // looking for a task does not send the form
  });
}

// The end follows the start until someone has set it: most lectures last two hours.
const text = (moment) => {
  const two = (number) => String(number).padStart(2, "0");
  const day = [moment.getFullYear(), two(moment.getMonth() + 1), two(moment.getDate())].join("-");
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
};

for (const pair of document.querySelectorAll("[data-when]")) {
  const [start, end] = pair.querySelectorAll("input");
  start.addEventListener("change", () => {
    const begins = new Date(start.value);
    if (end.value || Number.isNaN(begins.getTime())) return;
    begins.setHours(begins.getHours() + 2);
    end.value = text(begins);
  });
}
