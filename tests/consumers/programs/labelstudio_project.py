"""A Label Studio server of our own takes a project; one annotation is made. PROJECT EXPORT FOLDER PORT"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import requests

TOKEN = "0123456789abcdef0123456789abcdef01234567"
HEADERS = {"Authorization": f"Token {TOKEN}"}
LONGEST_S = 600


def server(project: Path, folder: Path, port: str) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
        "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(project.parent),
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }
    command = [
        str(Path(sys.executable).with_name("label-studio")),
        "start",
        "--no-browser",
        "--internal-host",
        "127.0.0.1",
    ]
    command += ["--port", port, "--data-dir", str(folder), "--username", "ada@lab.example", "--password", "secret-123"]
    command += ["--user-token", TOKEN, "--enable-legacy-api-token"]
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def main(project: Path, export: Path, folder: Path, port: str) -> None:
    base = f"http://127.0.0.1:{port}"
    process = server(project, folder, port)
    try:
        wait_until_it_answers(base, process)
        found = use(base, project, export)
    finally:
        process.terminate()
        process.wait(60)
    print(json.dumps(found))


def wait_until_it_answers(base: str, process: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            if requests.get(f"{base}/health", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.5)
    raise SystemExit("Label Studio does not answer")


def ask(method: str, address: str, **content: object) -> requests.Response:
    answer = requests.request(method, address, headers=HEADERS, timeout=120, **content)  # type: ignore[arg-type]
    answer.raise_for_status()
    return answer


def use(base: str, project: Path, export: Path) -> dict[str, object]:
    made = {"title": "failview export", "label_config": (project / "config.xml").read_text()}
    number = ask("POST", f"{base}/api/projects", json=made).json()["id"]
    storage = {"project": number, "path": str(project / "videos"), "use_blob_urls": True}
    ask("POST", f"{base}/api/storages/localfiles", json=storage)
    tasks = json.loads((project / "tasks.json").read_text())
    ask("POST", f"{base}/api/projects/{number}/import", json=tasks)
    listed = ask("GET", f"{base}/api/tasks?project={number}&fields=all").json()["tasks"]
    first = listed[0]
    video = ask("GET", base + first["data"]["video"])
    annotation = {"result": results(first["predictions"]), "lead_time": 42.5}
    ask("POST", f"{base}/api/tasks/{first['id']}/annotations", json=annotation)
    export.write_text(ask("GET", f"{base}/api/projects/{number}/export?exportType=JSON").text)
    name = Path(first["data"]["video"]).name
    return {
        "tasks": len(listed),
        "predictions": [len(item["predictions"]) for item in listed],
        "video_type": video.headers["content-type"],
        "video_is_ours": video.content == (project / "videos" / name).read_bytes(),
        "episode_id": first["data"]["episode_id"],
    }


def results(predictions: list[dict[str, list[dict[str, object]]]]) -> list[dict[str, object]]:
    """What a person submits who takes the prediction as it is and writes the root cause."""
    taken = [{**result, "origin": "prediction"} for result in predictions[0]["result"]]
    words = "The fingers closed beside the middle of the object and it slid out of them."
    cause = {"id": "r", "from_name": "root_cause", "to_name": "video", "type": "textarea", "origin": "manual"}
    sure = {"id": "c", "from_name": "annotator_confidence", "to_name": "video", "type": "number", "origin": "manual"}
    return [*taken, {**cause, "value": {"text": [words]}}, {**sure, "value": {"number": 0.85}}]


main(*(Path(item) for item in sys.argv[1:4]), sys.argv[4])
