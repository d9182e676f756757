"""A phone reads passes as the server does: tests/vectors/passes.json in a real browser, without a server."""

import json
from pathlib import Path
from typing import Any

from tests.vectors import passes

STATIC = Path("static")
HERE = "https://kepu.example.cn"  # nothing is fetched from there: WebCrypto wants a safe origin
READ_ALL = """async ({ keys, cases }) => {
  const { parsePass, importKeys, verifyPass } = await import("/static/js/scan/passes.js");
  const known = await importKeys([...keys, { kid: "00000000", alg: "ES999", public: "" }]);
  return Promise.all(cases.map(async ({ text }) => {
    const parsed = parsePass(text);
    if (!parsed) return { state: "none" };
    const { signup, serial, from, until, sessions } = parsed;
    return { state: await verifyPass(parsed, known), said: { signup, serial, from, until, sessions } };
  }));
}"""


def test_the_phone_reads_passes_as_the_server_does(browser: Any) -> None:
    vectors = json.loads(passes.FILE.read_text("utf-8"))
    context = browser.new_context()

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(f"{HERE}/")
        if path.startswith("static/js/scan/"):
            body = (STATIC / path.removeprefix("static/")).read_text("utf-8")
            route.fulfill(body=body, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>x</title>", content_type="text/html")

    context.route("**/*", answer)
    page = context.new_page()
    page.goto(HERE)
    found = page.evaluate(READ_ALL, vectors)
    context.close()
    assert len(found) == len(vectors["cases"]) > 30
    for case, read in zip(vectors["cases"], found, strict=True):
        assert read["state"] == case["phone"], case["name"]
        if case["reading"]:
            assert read["said"] == case["reading"], case["name"]
