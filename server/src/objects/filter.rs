//! Runs a labeller beside a detector thread: its own thread, a mailbox of one question, the latest one wins.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rtm2_app::{CameraId, Region, Timestamp};
use rtm2_camera::Picture;
use rtm2_detect::Verdict;

use super::gate::{Decision, Gate, Label, Passing};
use super::{Labeller, Object};
use crate::pipeline::mailbox::{Mailbox, Policy};

/// Answers that may wait for the detector thread, which looks at them with every frame.
const ANSWERS: usize = 2;

/// A picture with its verdict and number.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The picture.
    pub picture: Picture,
    /// What the detector said of it.
    pub verdict: Verdict,
    /// Its number.
    pub seq: u64,
}

/// What the labeller is asked: what moves in this picture, of this event?
struct Question {
    event: u64,
    picture: Picture,
    regions: Vec<Region>,
}

/// Its answer, the surest label first; none when it failed.
struct Answer {
    event: u64,
    labels: Option<Vec<Label>>,
}

/// Lets a camera's frames through with their labels, or holds them back.
pub struct Filter {
    camera: CameraId,
    gate: Gate<Seen>,
    questions: Arc<Mailbox<Question>>,
    answers: Receiver<Answer>,
    thread: Option<JoinHandle<()>>,
    policy: Policy,
    /// The first picture's time, and when it came.
    zero: Option<(Timestamp, Instant)>,
    /// Whether it was said already that no answer comes in time.
    complained: bool,
}

impl Filter {
    /// Starts the labeller's thread. `only` are the names wanted, all where empty; `patience` is how long the first
    /// frames of an event may wait. Under [`Policy::Wait`], for files read as fast as possible, every answer is waited
    /// for and time is the pictures', so that the outcome does not depend on how fast the model is.
    pub fn start(
        camera: CameraId,
        labeller: Box<dyn Labeller>,
        only: Vec<String>,
        patience: Duration,
        policy: Policy,
    ) -> io::Result<Self> {
        let questions = Arc::new(Mailbox::new(Policy::LatestWins));
        let (sender, answers) = sync_channel(ANSWERS);
        let asked = Arc::clone(&questions);
        let thread = thread::Builder::new()
            .name(format!("objects-{camera}"))
            .spawn(move || label(camera, labeller, &asked, &sender))?;
        let gate = Gate::new(only, patience);
        Ok(Self { camera, gate, questions, answers, thread: Some(thread), policy, zero: None, complained: false })
    }

    /// Takes a frame, and asks about it when something moves in it.
    pub fn put(&mut self, seen: Seen) {
        let now = self.time_of(seen.picture.at);
        self.hear();
        let motion = seen.verdict.motion;
        let asked = motion.then(|| (seen.picture.clone(), seen.verdict.regions.iter().map(region).collect()));
        self.gate.put(seen, motion, now);
        if let Some((picture, regions)) = asked {
            let event = self.gate.event();
            self.questions.put(Question { event, picture, regions });
            if self.policy == Policy::Wait {
                // No answer will come of a thread that has ended.
                let answer = self.answers.recv().unwrap_or(Answer { event, labels: None });
                self.gate.answer(answer.event, answer.labels.as_deref());
            }
        }
        self.report();
    }

    /// When a picture came, for deciding what has waited long enough.
    fn time_of(&mut self, at: Timestamp) -> Instant {
        let now = Instant::now();
        if self.policy == Policy::LatestWins {
            return now;
        }
        let (first, zero) = *self.zero.get_or_insert((at, now));
        zero + Duration::from_micros(u64::try_from(at.0.saturating_sub(first.0)).unwrap_or(0))
    }

    /// Takes the answers that have come, and decides what has waited long enough.
    pub fn listen(&mut self) {
        self.hear();
        self.gate.expire(Instant::now());
        self.report();
    }

    fn hear(&mut self) {
        while let Ok(answer) = self.answers.try_recv() {
            self.gate.answer(answer.event, answer.labels.as_deref());
            self.report();
        }
    }

    /// When [`Self::listen`] must be called at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        if self.policy == Policy::Wait { None } else { self.gate.deadline() }
    }

    /// Nothing more comes: decides with what is known.
    pub fn finish(&mut self) {
        self.gate.settle();
        self.report();
    }

    /// The next frame that goes on.
    pub fn pop(&mut self) -> Option<Passing<Seen>> {
        self.gate.pop()
    }

    fn report(&mut self) {
        let camera = self.camera.0;
        match self.gate.decision() {
            Some(Decision::Wanted(Label { name, confidence })) => {
                tracing::info!(camera, "{name} moves, {:.0} % sure", 100.0 * confidence);
            }
            Some(Decision::Unwanted(label)) => {
                let what = label.map_or_else(|| "nothing that the model knows".into(), |label| label.name);
                tracing::info!(camera, "{what} moves: not recorded");
            }
            Some(Decision::Unanswered) if !self.complained => {
                self.complained = true;
                tracing::warn!(camera, "the object model does not answer in time: motion passes without a label");
            }
            Some(Decision::Unanswered) | None => {}
        }
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        self.questions.close();
        // Its sender must not wait for an answer to be taken while it is waited for here.
        drop(std::mem::replace(&mut self.answers, sync_channel(0).1));
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!(camera = self.camera.0, "the thread of the object model had panicked");
        }
    }
}

/// The labeller's thread: ends when the mailbox is closed or nobody listens any more.
fn label(
    camera: CameraId,
    mut labeller: Box<dyn Labeller>,
    questions: &Mailbox<Question>,
    answers: &SyncSender<Answer>,
) {
    let mut complained = false;
    while let Some(Question { event, picture, regions }) = questions.take() {
        let labels = match labeller.look(&picture) {
            Ok(objects) => Some(moving(objects, &regions)),
            Err(error) => {
                if !complained {
                    complained = true;
                    tracing::warn!(
                        camera = camera.0,
                        "the object model failed: motion passes without a label: {error:#}"
                    );
                }
                None
            }
        };
        if answers.send(Answer { event, labels }).is_err() {
            return;
        }
    }
}

/// Labels of the objects that moved, the surest first.
fn moving(mut objects: Vec<Object>, regions: &[Region]) -> Vec<Label> {
    objects.retain(|object| regions.iter().any(|region| object.moves(region)));
    objects.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    objects.into_iter().map(|Object { name, confidence, .. }| Label { name, confidence }).collect()
}

fn region(r: &rtm2_detect::Region) -> Region {
    Region { x: r.x, y: r.y, w: r.w, h: r.h, strength: r.strength }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::objects::testing;

    /// Far longer than a test takes: what waits so long waits for an answer.
    const LONG: Duration = Duration::from_hours(1);

    /// Gives the answers that it is handed, one for each question.
    struct Scripted(mpsc::Receiver<anyhow::Result<Vec<Object>>>);

    impl Labeller for Scripted {
        fn look(&mut self, _: &Picture) -> anyhow::Result<Vec<Object>> {
            self.0.recv().unwrap_or_else(|_| Err(anyhow::anyhow!("the script has ended")))
        }
    }

    fn filter(only: &[&str], patience: Duration) -> (Filter, mpsc::Sender<anyhow::Result<Vec<Object>>>) {
        let (script, answers) = mpsc::channel();
        let only = only.iter().map(|&name| name.to_owned()).collect();
        (Filter::start(CameraId(0), Box::new(Scripted(answers)), only, patience, Policy::LatestWins).unwrap(), script)
    }

    fn object(name: &str, area: [f32; 4]) -> Object {
        Object { name: name.into(), confidence: 0.7, area }
    }

    fn moved(seq: u64) -> Seen {
        let region = rtm2_detect::Region { x: 10, y: 10, w: 20, h: 20, strength: 2000, zone: None };
        let verdict = Verdict { motion: true, regions: vec![region], ..Verdict::default() };
        Seen { picture: testing::picture(&testing::plain(64, 48)), verdict, seq }
    }

    /// Listens until the filter has decided.
    fn decided(filter: &mut Filter) -> Vec<(u64, bool, Option<String>)> {
        while filter.deadline().is_some() {
            filter.listen();
            thread::yield_now();
        }
        std::iter::from_fn(|| filter.pop())
            .map(|p| (p.frame.seq, p.motion, p.label.map(|l| l.name.to_string())))
            .collect()
    }

    #[test]
    fn frames_pass_with_the_label_of_what_moved_in_them() {
        let (mut filter, script) = filter(&["person", "car"], LONG);
        filter.put(moved(1));
        // The car is parked elsewhere.
        script.send(Ok(vec![object("car", [40.0, 0.0, 60.0, 9.0]), object("person", [8.0, 8.0, 40.0, 40.0])])).unwrap();
        assert_eq!(decided(&mut filter), [(1, true, Some("person".to_owned()))]);
    }

    #[test]
    fn a_failing_model_lets_motion_through() {
        let (mut filter, script) = filter(&["person"], LONG);
        filter.put(moved(1));
        script.send(Err(anyhow::anyhow!("out of order"))).unwrap();
        assert_eq!(decided(&mut filter), [(1, true, None)]);
    }

    #[test]
    fn a_slow_model_lets_motion_through_and_blocks_nobody() {
        let (mut filter, script) = filter(&["person"], Duration::ZERO);
        for seq in 1..=5 {
            filter.put(moved(seq));
        }
        assert_eq!(decided(&mut filter).len(), 5);
        drop(script);
    }

    #[test]
    fn what_is_held_at_the_end_passes() {
        let (mut filter, script) = filter(&["person"], LONG);
        filter.put(moved(1));
        filter.finish();
        assert_eq!(decided(&mut filter), [(1, true, None)]);
        drop(script);
    }
}
