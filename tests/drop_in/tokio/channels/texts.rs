//! What `Debug` writes of channels is what it writes of the real ones.

use super::{ours, real};

/// Without addresses.
fn plain(text: &str) -> String {
    let mut parts = text.split("0x");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "0x…" + part.trim_start_matches(|char: char| char.is_ascii_hexdigit()))
}

macro_rules! texts {
    ($krate:ident) => {{
        use $krate::sync::{broadcast, mpsc, oneshot, watch};
        let mut texts = Vec::new();
        let mut note =
            |value: &dyn std::fmt::Debug| texts.extend([plain(&format!("{value:?}")), plain(&format!("{value:#?}"))]);
        let (sender, receiver) = mpsc::channel::<u8>(3);
        note(&sender);
        note(&sender.downgrade());
        note(&sender.try_reserve().unwrap());
        note(&sender.try_reserve_many(2).unwrap());
        note(&sender.clone().try_reserve_owned().unwrap());
        note(&receiver);
        let (sender, receiver) = mpsc::unbounded_channel::<u8>();
        note(&sender);
        note(&sender.downgrade());
        note(&receiver);
        let (sender, receiver) = oneshot::channel::<u8>();
        note(&sender);
        note(&receiver);
        note(&sender.send(1));
        note(&receiver);
        let (sender, receiver) = watch::channel(1_u8);
        note(&sender);
        note(&receiver);
        note(&receiver.borrow());
        let (sender, receiver) = broadcast::channel::<u8>(1);
        note(&sender);
        note(&sender.downgrade());
        note(&receiver);
        texts
    }};
}

#[test]
fn debug_texts_are_the_real_ones() {
    let texts = texts!(real);
    assert!(texts.iter().any(|text| text.contains("Sender")) && texts.len() == 38, "{texts:?}");
    assert_eq!(texts!(ours), texts);
}
