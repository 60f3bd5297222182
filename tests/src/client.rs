//! An HTTP client that keeps cookies like a browser or signs each call like a script.

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};

/// One person's way to the API of one organisation.
pub struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    /// As the host name says it.
    port: u16,
    /// Where calls go.
    at: AtomicU16,
    host: String,
    basic: Option<String>,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    /// Nobody yet, at the organisation that answers to `host`.
    pub fn new(port: u16, host: &str) -> Self {
        let http = Http::builder(TokioExecutor::new()).build_http();
        let (at, cookies) = (AtomicU16::new(port), Mutex::default());
        Self { http, port, at, host: host.to_owned(), basic: None, cookies }
    }

    /// Calls go to another port from now on, as a balancer leads them: the host name stays.
    pub fn lead_to(&self, port: u16) {
        self.at.store(port, Ordering::Relaxed);
    }

    /// A script that sends user name and password with each call.
    pub fn with_basic(port: u16, host: &str, user_name: &str, password: &str) -> Self {
        let basic = STANDARD.encode(format!("{user_name}:{password}"));
        Self { basic: Some(format!("Basic {basic}")), ..Self::new(port, host) }
    }

    /// A browser whose user has signed in.
    pub async fn signed_in(port: u16, host: &str, user_name: &str, password: &str) -> Result<Self> {
        let client = Self::new(port, host);
        client.get("/api/v2/primero").await?;
        let user = json!({ "user": { "user_name": user_name, "password": password } });
        let answer = client.post("/api/v2/tokens", &user).await?;
        if answer.status != 200 {
            bail!("{user_name} cannot sign in: {}", answer.status);
        }
        Ok(client)
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(Method::POST, path, Some(body.to_string().into())).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(Method::PATCH, path, Some(body.to_string().into())).await
    }

    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.send(Method::DELETE, path, None).await
    }

    /// Any call, with a body as it stands.
    pub async fn send(&self, method: Method, path: &str, body: Option<Bytes>) -> Result<Answer> {
        self.send_with(method, path, body, &[]).await
    }

    /// Any call, with headers that replace what the client would send.
    pub async fn send_with(
        &self,
        method: Method,
        path: &str,
        body: Option<Bytes>,
        headers: &[(&str, &str)],
    ) -> Result<Answer> {
        let at = self.at.load(Ordering::Relaxed);
        let uri: Uri = format!("http://127.0.0.1:{at}{path}").parse()?;
        let mut request = Request::builder().method(method).uri(uri);
        let mut sent = self.own_headers(body.is_some());
        for (name, value) in headers {
            sent.insert((*name).to_owned(), (*value).to_owned());
        }
        for (name, value) in sent.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(body.unwrap_or_default()))?;
        let response = self.http.request(request).await.context("no answer")?;
        let (parts, body) = response.into_parts();
        self.keep_cookies(&parts.headers);
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    fn own_headers(&self, has_body: bool) -> BTreeMap<String, String> {
        let mut headers = BTreeMap::from([("host".into(), format!("{}:{}", self.host, self.port))]);
        if has_body {
            headers.insert("content-type".into(), "application/json".into());
        }
        if let Some(basic) = &self.basic {
            headers.insert("authorization".into(), basic.clone());
            return headers;
        }
        let cookies = self.cookies.lock().expect("no panic while held");
        let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        headers.insert("cookie".into(), pairs.join("; "));
        if let Some(token) = cookies.get("CSRF-TOKEN") {
            headers.insert("x-csrf-token".into(), token.clone());
        }
        headers
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().expect("no panic while held");
        for cookie in headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The value of a cookie that the browser holds.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().expect("no panic while held").get(name).cloned()
    }
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The `data` member of an answer that must be a success.
    pub fn data(&self) -> Result<Value> {
        if !StatusCode::from_u16(self.status)?.is_success() {
            bail!("{}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        Ok(self.json()["data"].clone())
    }

    /// Every pointer or field that a refusal names.
    pub fn named_fields(&self) -> Vec<String> {
        let texts = |value: &Value| match value {
            Value::Array(list) => list.iter().filter_map(Value::as_str).map(String::from).collect(),
            Value::String(text) => vec![text.clone()],
            _ => Vec::new(),
        };
        let body = self.json();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().flat_map(|error| texts(&error["detail"])).collect()
    }
}
