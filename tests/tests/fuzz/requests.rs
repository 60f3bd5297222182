//! Heads and bodies of requests as strangers send them.

/// Lines as of HTTP: the target, then `name: value`.
pub mod head {
    use gateway::probe;

    pub fn seeds() -> Vec<Vec<u8>> {
        [
            "/api/v2/cases/0b1c?age[0]=3..7\nhost: a.localhost:80\ncookie: x=1; _app_session=abc; CSRF-TOKEN=t==",
            "//api//v2/cases/.json?a=%D9%85\nhost: [::1]:80\nauthorization: Basic YW5uOnA6dw==",
            "/x?a=%00\nauthorization: basic !\nx-forwarded-for: 192.0.2.7, 10.0.0.1",
            "/%ff/..%2f..\naccept-language: ar;q=0.9, fr-CH, *;q=0\nx-forwarded-host: b.localhost",
            "http://b.localhost/api/v2/cases\nhost: a.localhost\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
    }

    pub fn feed(bytes: &[u8]) {
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let mut request = http::Request::get(lines.next().unwrap_or_default());
        for line in lines {
            let at = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
            let (name, value) = line.split_at(at);
            request = request.header(name, value.get(1..).unwrap_or_default().trim_ascii());
        }
        // What is no HTTP does not come so far.
        let Ok(request) = request.body(()) else { return };
        let (parts, ()) = request.into_parts();
        let read = probe::head(parts.clone(), false);
        assert_eq!(probe::head(parts.clone(), false), read);
        assert_eq!(probe::head(parts, true).host, read.host, "the host is never forwarded");
        let clean = |text: &str| !text.contains('\0');
        assert!(read.segments.iter().all(|one| !one.is_empty() && clean(one)));
        assert!(read.parameters.iter().all(|(name, value)| clean(name) && clean(value)));
        assert!(read.credentials.as_deref().is_none_or(clean));
        assert!(!read.host.bytes().any(|byte| byte.is_ascii_uppercase()));
    }
}

/// The kind of a body in the first line, then the body.
pub mod body {
    use bytes::Bytes;
    use gateway::probe;
    use http::HeaderMap;

    pub fn seeds() -> Vec<Vec<u8>> {
        [
            "application/json\n{\"data\": {\"age\":  9, \"tags\": [{\"a\": null}]}, \"record_action\": \"close\", \"base_version\": 4}",
            "application/json\n[1, \"\\u0000\", \"\\ud800\"]",
            "application/x-www-form-urlencoded\ndata[name]=Ann&data[tags][]=a&data[rows][][a]=1&data[rows][][b]=2",
            "application/x-www-form-urlencoded; charset=utf-8\nuser[user_name]=a&user[password]=b&base_version=x",
            "multipart/form-data; boundary=x\n--x--",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec()
    }

    pub fn feed(bytes: &[u8]) {
        let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
        let (kind, body) = bytes.split_at(at);
        let mut headers = HeaderMap::new();
        let Ok(kind) = kind.try_into() else { return };
        headers.insert("content-type", kind);
        let body = Bytes::copy_from_slice(body.get(1..).unwrap_or_default());
        if let Some(data) = probe::body(&headers, &body) {
            let value: serde_json::Value = serde_json::from_slice(&data).unwrap();
            assert!(!has_nul(&value), "a NUL came through");
        }
    }

    fn has_nul(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::String(text) => text.contains('\0'),
            serde_json::Value::Array(items) => items.iter().any(has_nul),
            serde_json::Value::Object(fields) => {
                fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value))
            }
            _ => false,
        }
    }
}
