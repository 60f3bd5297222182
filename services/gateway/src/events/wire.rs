//! Events as `text/event-stream` has them.

use std::fmt::Write;

use bytes::Bytes;
use serde_json::{Value, json};

use super::Place;

/// One event; its data is JSON without line breaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub name: &'static str,
    pub data: Value,
}

impl Event {
    /// One that says nothing but its name.
    pub fn plain(name: &'static str) -> Self {
        Self { name, data: json!({}) }
    }

    fn write(&self, to: &mut String) {
        let _ = write!(to, "event: {}\ndata: {}\n\n", self.name, self.data);
    }
}

/// The beginning: when to come back, should it break off.
pub fn opening(retry: u64, hello: &Event, place: &Place) -> Bytes {
    let mut text = format!("retry: {retry}\nid: {place}\n");
    hello.write(&mut text);
    text.into()
}

/// Events that belong together; the last one says how far all is told.
pub fn events(events: &[Event], place: &Place) -> Bytes {
    let mut text = String::new();
    for (at, event) in events.iter().enumerate() {
        if at + 1 == events.len() {
            let _ = writeln!(text, "id: {place}");
        }
        event.write(&mut text);
    }
    text.into()
}

/// A sign of life. It is no event; the browser remembers the place.
pub fn heartbeat(place: &Place) -> Bytes {
    format!(":\nid: {place}\n\n").into()
}

/// The end.
pub fn last(event: &Event) -> Bytes {
    let mut text = String::new();
    event.write(&mut text);
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_once_all_before_it_is_told() {
        let place = Place::new([0; 5], [1; 5]);
        let two = [Event::plain("caseload"), Event::plain("notices")];
        let text = String::from_utf8(events(&two, &place).to_vec()).unwrap();
        let wanted =
            format!("event: caseload\ndata: {{}}\n\nid: {place}\nevent: notices\ndata: {{}}\n\n");
        assert_eq!(text, wanted);
        assert!(events(&[], &place).is_empty());
    }
}
