//! The web client's files: what is served, how it is cached, and what is out of reach.

use std::fs;
use std::path::Path;

use gateway::settings::Settings;
use http::Method;
use tempfile::TempDir;

use crate::rig::{Rig, Seen};

const PAGE: &str = "<!doctype html><title>Amparo</title>";

/// A folder as the build leaves it, with a file beside it that nobody should see.
fn built() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    fs::create_dir_all(dist.join("assets")).unwrap();
    fs::create_dir_all(dist.join("api")).unwrap();
    for (name, text) in [
        ("dist/index.html", PAGE),
        ("dist/sw.js", "worker"),
        ("dist/assets/main-abc.js", "plain script"),
        ("dist/assets/main-abc.js.br", "brotli script"),
        ("dist/assets/main-abc.js.gz", "gzip script"),
        ("dist/api/v2", "not this"),
        ("secret.txt", "secret"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), dist.join("link.txt")).unwrap();
    folder
}

async fn serving(folder: &Path) -> Rig {
    let web_dir = Some(folder.join("dist"));
    Rig::with(Settings { web_dir, ..Settings::default() }).await
}

async fn page(rig: &Rig, path: &str) -> Seen {
    asking(rig, path, "accept", "text/html,*/*").await
}

async fn asking(rig: &Rig, path: &str, header: &str, value: &str) -> Seen {
    rig.browser().with(header, value).get(path).await
}

#[tokio::test]
async fn addresses_of_the_client_answer_its_page_and_the_api_stays_itself() {
    let folder = built();
    let rig = serving(folder.path()).await;
    let mut browser = rig.browser();
    for path in ["/", "/cases", "/cases/abc?section=basic_identity", "/index.html"] {
        let answer = page(&rig, path).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, PAGE.to_owned()), "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.contains("script-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    for path in ["/api/v2/nothing", "/api", "//api//v2/x", "/health/nothing", "/api/v2"] {
        let answer = page(&rig, path).await;
        assert_ne!(answer.text(), PAGE, "{path}");
        assert_ne!(answer.status, 200, "{path}");
    }
    assert_eq!(page(&rig, "/livez").await.status, 204);
    assert_eq!(browser.get("/").await.text(), PAGE, "the address itself is the page for everyone");
    assert_eq!(browser.get("/cases").await.status, 404, "who wants no page gets none");
    assert_eq!(page(&rig, "/assets/gone-abc.js").await.status, 404);
    assert_eq!(browser.send(Method::POST, "/sw.js", "").await.status, 405);
}

#[tokio::test]
async fn files_with_a_hash_stay_for_ever_and_go_out_compressed() {
    let folder = built();
    let rig = serving(folder.path()).await;
    let script = "/assets/main-abc.js";
    for (accepted, text) in [
        ("gzip, deflate, br", "brotli script"),
        ("gzip;q=1.0, br;q=0", "gzip script"),
        ("identity", "plain script"),
    ] {
        let answer = asking(&rig, script, "accept-encoding", accepted).await;
        assert_eq!(answer.text(), text, "{accepted}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    }
    let worker = rig.browser().get("/sw.js").await;
    assert_eq!(worker.header("cache-control"), "no-cache");
    let tag = worker.header("etag").to_owned();
    let again = asking(&rig, "/sw.js", "if-none-match", &tag).await;
    assert_eq!((again.status.as_u16(), again.text().as_str()), (304, ""));
}

#[tokio::test]
async fn nothing_outside_the_folder_is_reachable() {
    let folder = built();
    let rig = serving(folder.path()).await;
    for path in [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "//secret.txt",
        "/link.txt",
        "/etc/passwd",
    ] {
        let answer = page(&rig, path).await;
        assert!(!answer.text().contains("root:"), "{path}");
        assert_ne!(answer.text(), "secret", "{path}");
    }
}
