//! Paths and percent-encoding: tolerant of slashes, strict about what the bytes mean.

/// The segments of a path: empty ones dropped, `.json` taken off the last one, decoded.
/// Nothing when the bytes are not UTF-8.
pub fn segments(path: &str) -> Option<Vec<String>> {
    let mut segments: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| decode(segment, false))
        .collect::<Option<_>>()?;
    if let Some(last) = segments.last_mut()
        && let Some(bare) = last.strip_suffix(".json")
        && !bare.is_empty()
    {
        *last = bare.to_owned();
    }
    Some(segments)
}

/// Decodes `%XX`, and `+` as a blank in queries and forms. Nothing when the result is not UTF-8
/// or holds a NUL, which no name, id or text has.
pub fn decode(text: &str, plus_is_blank: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'+' if plus_is_blank => bytes.push(b' '),
            b'%' => match hex_pair(tail) {
                Some(decoded) => {
                    bytes.push(decoded);
                    rest = &tail[2..];
                }
                // A lone percent sign stands for itself, as in browsers.
                None => bytes.push(b'%'),
            },
            other => bytes.push(other),
        }
    }
    if bytes.contains(&0) { None } else { String::from_utf8(bytes).ok() }
}

fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let high = digit(*bytes.first()?)?;
    let low = digit(*bytes.get(1)?)?;
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_the_json_suffix_are_tolerated() {
        let wanted = ["api", "v2", "cases"].map(str::to_owned).to_vec();
        for path in ["/api/v2/cases", "//api//v2/cases/", "/api/v2/cases.json", "/api/v2/cases/"] {
            assert_eq!(segments(path), Some(wanted.clone()), "{path}");
        }
        assert_eq!(segments("/api/v2/cases.xml").unwrap()[2], "cases.xml");
        assert_eq!(segments("/.json"), Some(vec![".json".to_owned()]));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        assert_eq!(decode("%FF", false), None);
        assert_eq!(decode("a%00b", false), None);
        assert_eq!(decode("%D9%85+%", true), Some("م %".to_owned()));
        assert_eq!(decode("..%2F..", false), Some("../..".to_owned()));
    }
}
