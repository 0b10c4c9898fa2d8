//! From event to event.

use leptos::prelude::*;
use leptos::task::spawn_local;
use rtm2_app::chart::Step;
use rtm2_app::{Event, FrameInfo, Timestamp};

use super::data::{self, Seek};
use super::desk::Viewed;
use super::player::{Player, Playing};
use crate::http::CallError;

impl Player {
    /// Looks at the event before or after this one; plays it if this one was played.
    pub fn skip(self, step: Step) {
        let again = self.playing.get_untracked() != Playing::Still;
        if again {
            self.stop();
        }
        let (desk, event, at) =
            (self.desk(), self.event.get_untracked(), self.desk().viewed.with_untracked(Viewed::at));
        let asked = desk.ask();
        desk.stepping.set(true);
        spawn_local(async move {
            let found = match self.seek_beside(event, at, step).await {
                Ok(seek) => self.neighbour(seek).await,
                Err(e) => Err(e),
            };
            if !desk.is_asked(asked) {
                return;
            }
            desk.stepping.set(false);
            match found {
                Ok(Some((event, frame))) => {
                    self.forget();
                    if let Some(event) = event {
                        self.know(event);
                    }
                    desk.end.set(None);
                    desk.show(frame);
                    if again {
                        // After the desk's news of the other frame, which would stop it.
                        request_animation_frame(move || self.play());
                    }
                }
                Ok(None) => desk.say(match step {
                    Step::Back => "This is the first event; there is none before it.",
                    Step::Forward => "This is the last event; there is none after it yet.",
                }),
                Err(e) => desk.say(format!("The event could not be loaded: {e}.")),
            }
        });
    }

    /// What to seek from the event that the frame at `at` is of, which may not be known yet.
    async fn seek_beside(self, event: Option<Event>, at: Option<Timestamp>, step: Step) -> Result<Seek, CallError> {
        let (start, end) = match (event, at) {
            (Some(event), _) => (event.start, event.end),
            (None, Some(at)) => data::event_of(self.desk().session(), self.desk().camera.get_untracked(), at)
                .await?
                .map_or((at, at), |event| (event.start, event.end)),
            (None, None) => return Ok(Seek::Last),
        };
        Ok(match step {
            Step::Back => Seek::Previous(start),
            Step::Forward => Seek::Next(end),
        })
    }

    /// The event that the frame of a seek belongs to, with its first frame.
    async fn neighbour(self, seek: Seek) -> Result<Option<(Option<Event>, FrameInfo)>, CallError> {
        let (session, camera) = (self.desk().session(), self.desk().camera.get_untracked());
        let Some(frame) = data::frame(session, camera, seek).await? else { return Ok(None) };
        let event = data::event_of(session, camera, frame.at).await?;
        let start = event.as_ref().map_or(frame.at, |event| event.start);
        if start == frame.at {
            return Ok(Some((event, frame)));
        }
        // Its first frame may be gone while a later one is still there.
        let first =
            data::nearest(session, camera, start).await?.filter(|first| first.at <= frame.at && first.at >= start);
        Ok(Some((event, first.unwrap_or(frame))))
    }
}
