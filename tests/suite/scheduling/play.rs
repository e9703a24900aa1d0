//! The player of scheduling texts.

use calendar::{Require, Tags};
use itip::ScheduleReply;
use specimens::{calendar, message};

use super::{
    edit::{answered, edited},
    homes::{Home, Homes},
    render,
    sentence::{Deed, Options, Sentence},
    world::{Happened, World, uid},
};

/// The state of a text that is being played.
#[derive(Default)]
struct Play {
    world: World,
    homes: Homes,
    /// The UID of the calendar object that was stored or received last.
    uid: String,
    /// The paragraphs of the played text, with the actual outcomes.
    played: Vec<String>,
}

/// Plays a text. Returns it with the actual outcomes in place of the written ones.
pub fn play(text: &str) -> String {
    let mut play = Play::default();
    for paragraph in text.split("\n\n") {
        let is_outcome = ["then", "mailboxes"].iter().any(|word| paragraph.starts_with(word));
        if !is_outcome {
            play.paragraph(paragraph.trim_end());
        }
    }
    play.played.join("\n\n") + "\n"
}

impl Play {
    /// Plays a paragraph of comments and sentences. The indented lines after a sentence are its
    /// body.
    fn paragraph(&mut self, paragraph: &str) {
        self.played.push(paragraph.to_owned());
        let lines: Vec<_> = paragraph.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let sentence = line.strip_prefix("given ").or_else(|| line.strip_prefix("when "));
            let body = lines[at + 1..].iter().map_while(|line| line.strip_prefix("    "));
            match sentence {
                Some(sentence) => self.sentence(&Sentence::read(sentence), &body.collect::<Vec<_>>()),
                None => assert!(line.starts_with(['#', ' ']), "neither sentence, comment nor body: {line:?}"),
            }
        }
    }

    fn sentence(&mut self, sentence: &Sentence<'_>, body: &[&str]) {
        let Sentence { who, deed, options } = sentence;
        let people = &mut self.world.people;
        match deed {
            Deed::HasNoCalendar => people.without_calendar(who),
            Deed::HasAddress(address) => people.alias(address, who),
            Deed::HasMembers(members) => people.group(who, members),
            Deed::AnswersInvitations(mode) => people.answers(who, mode),
            Deed::IsBusy(period) => people.busy(who, period),
            _ => self.step(who, deed, options, body),
        }
    }

    fn step(&mut self, who: &str, deed: &Deed<'_>, options: &Options<'_>, body: &[&str]) {
        if !options.at_once {
            self.world.later();
        }
        let components = || body.iter().flat_map(|line| [line, "\n"]).collect::<String>();
        if let Deed::Puts | Deed::Receives { .. } = deed {
            self.uid = uid(&body.join("\n"));
        }
        let home = self.homes.of(who, &self.uid);
        let base = options.from_etag.map_or(home.text(), |etag| home.text_of(etag));
        let sent = match deed {
            Deed::Puts => calendar(&components()),
            Deed::Edits => edited(base, body),
            Deed::Answers(partstat) => answered(base, who, partstat),
            Deed::StoresAgain => base.to_owned(),
            _ => String::new(),
        };
        let require = require(&home, options);
        let happened = match deed {
            Deed::Deletes => {
                let reply = if options.no_reply { ScheduleReply::Suppress } else { ScheduleReply::Send };
                self.world.delete(who, &self.uid, require, reply)
            }
            Deed::LooksAgain(days) => self.world.look_again(who, &self.uid, *days),
            Deed::Moves(collection) => self.world.relocate(who, &self.uid, collection),
            Deed::Recreates(collection) => self.world.recreate(who, &self.uid, collection, base),
            Deed::Receives { method, sender } => Ok(self.world.receive(who, sender, &message(method, &components()))),
            _ => self.world.put(who, options.name, &sent, require),
        };
        self.outcome(who, &sent, happened);
    }

    /// Writes the outcome of an action of `actor`, who sent the text `sent`.
    fn outcome(&mut self, actor: &str, sent: &str, happened: Happened) {
        let before = self.homes.clone();
        let mut then = "then".to_owned();
        match happened {
            Err(refusal) => then.push_str(&render::refusal(actor, &refusal)),
            Ok(events) if events.is_empty() => then.push_str("\n    nothing happens"),
            Ok(events) => {
                for (who, event) in &events {
                    let copy = self.homes.of(who, &self.uid);
                    let sent = Some(sent).filter(|sent| who == actor && !sent.is_empty());
                    render::event(&mut then, who, event, &copy, sent);
                    self.homes.apply(who, &self.uid, event);
                }
            }
        }
        self.played.push(then);
        self.played.extend(render::mailboxes(&before, &self.homes));
    }
}

fn require(home: &Home, options: &Options<'_>) -> Require {
    let listed = options.if_match.map(|etag| Tags::Listed(vec![home.etag(etag)]));
    Require {
        if_match: listed,
        if_none_match: options.if_none_match.then_some(Tags::Any),
        if_schedule_tag_match: options.if_schedule_tag_match.map(|tag| match tag {
            0 => "unknown".to_owned(),
            tag => home.schedule_tag(tag),
        }),
    }
}
