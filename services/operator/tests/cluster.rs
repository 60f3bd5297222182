//! An API server in memory, as far as the operator asks one: objects by path, versions,
//! generations, finalizers, server-side apply by one owner. It keeps what was asked, and fails
//! where it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

/// Shared by all clients of it.
#[derive(Clone, Default)]
pub struct Cluster(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    objects: BTreeMap<String, Value>,
    asked: Vec<String>,
    /// Method, part of the path, status to answer with.
    failing: Vec<(Method, String, u16)>,
    version: u64,
}

impl Cluster {
    pub fn client(&self) -> Client {
        let this = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let this = this.clone();
            async move { Ok::<_, std::convert::Infallible>(this.answer(request).await) }
        });
        Client::new(service, "default")
    }

    /// Puts an object there as a person would, or changes it.
    pub fn put(&self, path: &str, object: &Value) {
        self.0.lock().unwrap().store(path, object.clone());
    }

    pub fn get(&self, path: &str) -> Option<Value> {
        self.0.lock().unwrap().objects.get(path).cloned()
    }

    pub fn remove(&self, path: &str) {
        self.0.lock().unwrap().delete(path);
    }

    /// Objects under a path.
    pub fn under(&self, path: &str) -> Vec<Value> {
        let inner = self.0.lock().unwrap();
        inner.objects.iter().filter(|(at, _)| at.starts_with(path)).map(|it| it.1.clone()).collect()
    }

    /// What was asked since the last time, as `PATCH /path`.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }

    /// Requests that match are answered with this status until `mend`.
    pub fn fail(&self, method: Method, part: &str, status: u16) {
        self.0.lock().unwrap().failing.push((method, part.to_owned(), status));
    }

    pub fn mend(&self) {
        self.0.lock().unwrap().failing.clear();
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let kind = head.headers.get("content-type").and_then(|it| it.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        let mut inner = self.0.lock().unwrap();
        let (status, answer) = inner.act(&head.method, head.uri.path(), &kind, body);
        let answer = if status < 300 { answer } else { refusal(status, &answer) };
        let body = Body::from(serde_json::to_vec(&answer).unwrap());
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        response
    }
}

fn refusal(status: u16, why: &Value) -> Value {
    let why = why.as_str().unwrap_or("refused by the test");
    let reason = match status {
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        422 => "Invalid",
        429 => "TooManyRequests",
        _ => "InternalError",
    };
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
           "message": why, "reason": reason, "code": status})
}

impl Inner {
    fn act(&mut self, method: &Method, path: &str, kind: &str, body: Value) -> (u16, Value) {
        self.asked.push(format!("{method} {path}"));
        let failing = self.failing.iter().find(|(m, part, _)| m == method && path.contains(part));
        if let Some((_, _, status)) = failing {
            return (*status, Value::Null);
        }
        match *method {
            Method::GET => self.read(path),
            Method::POST => {
                let name = body["metadata"]["name"].as_str().unwrap().to_owned();
                let path = format!("{path}/{name}");
                if self.objects.contains_key(&path) {
                    return (409, "already there".into());
                }
                (201, self.store(&path, body))
            }
            Method::PUT => {
                let known = self.objects.get(path).map(|it| &it["metadata"]["resourceVersion"]);
                if known != Some(&body["metadata"]["resourceVersion"]) {
                    return (409, "another version".into());
                }
                (200, self.store(path, body))
            }
            Method::PATCH => self.patch(path, kind, body),
            Method::DELETE if self.objects.contains_key(path) => (200, self.delete(path)),
            _ => (404, "not there".into()),
        }
    }

    fn read(&self, path: &str) -> (u16, Value) {
        match self.objects.get(path) {
            Some(object) => (200, object.clone()),
            None => (404, "not there".into()),
        }
    }

    fn patch(&mut self, path: &str, kind: &str, body: Value) -> (u16, Value) {
        if let Some(path) = path.strip_suffix("/status") {
            let Some(mut object) = self.objects.get(path).cloned() else {
                return (404, "not there".into());
            };
            object["status"] = body["status"].clone();
            return (200, self.store(path, object));
        }
        let known = self.objects.get(path).cloned();
        let object = match (kind, known) {
            ("application/json-patch+json", Some(mut known)) => {
                let steps: json_patch::Patch = serde_json::from_value(body).unwrap();
                // As the API server: what is absent is null.
                if known["metadata"].get("finalizers").is_none() {
                    known["metadata"]["finalizers"] = Value::Null;
                }
                if json_patch::patch(&mut known, &steps).is_err() {
                    return (422, "the test of a patch failed".into());
                }
                known
            }
            ("application/apply-patch+yaml", known) => {
                let mut object = known.unwrap_or(Value::Null);
                json_patch::merge(&mut object, &body);
                object
            }
            ("application/merge-patch+json", Some(mut known)) => {
                json_patch::merge(&mut known, &body);
                known
            }
            _ => return (404, "not there".into()),
        };
        let stored = self.store(path, object);
        let metadata = &stored["metadata"];
        let ended = metadata["deletionTimestamp"].is_string() && !has_finalizers(metadata);
        if ended {
            self.objects.remove(path);
        }
        (200, stored)
    }

    fn store(&mut self, path: &str, mut object: Value) -> Value {
        self.version += 1;
        let known = self.objects.get(path);
        let generation = known.map_or(0, |it| it["metadata"]["generation"].as_i64().unwrap_or(1));
        let same = known.is_some_and(|known| known["spec"] == object["spec"]);
        let metadata = &mut object["metadata"];
        metadata["resourceVersion"] = self.version.to_string().into();
        metadata["generation"] = if same { generation } else { generation + 1 }.into();
        if metadata.get("uid").is_none() {
            metadata["uid"] = format!("uid-{}", self.version).into();
        }
        self.objects.insert(path.to_owned(), object.clone());
        object
    }

    fn delete(&mut self, path: &str) -> Value {
        let Some(mut object) = self.objects.get(path).cloned() else { return Value::Null };
        if has_finalizers(&object["metadata"]) {
            object["metadata"]["deletionTimestamp"] = "2026-11-22T12:00:00Z".into();
            return self.store(path, object);
        }
        self.objects.remove(path);
        object
    }
}

fn has_finalizers(metadata: &Value) -> bool {
    metadata["finalizers"].as_array().is_some_and(|list| !list.is_empty())
}
