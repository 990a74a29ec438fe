package api_test

import (
	"fmt"
	"slices"
	"strings"

	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
	"yanlu/internal/workflow"
)

// handOver are the public moves of which authors read in the timeline alone:
// that it was handed to units is told to the units (domain.md §3.1).
var handOver = []string{"dispatch"}

// heard are the actions that leave a matter in its state and yet are told to its
// authors as decisions: what came of a report, and that it was entered wrongly.
var heard = []string{"record_adoption", "record_instruction", "revoke_fact", "hand_up"}

// public reports whether a line of a timeline is a decision on the whole matter
// of which its authors are to be told: a public move that is not the first
// author's own, nor of the liaison who handed it in.
func (y *year) public(e matter.Event) bool {
	return e.AssignmentID == nil && e.Audience == workflow.Everyone && e.FromStatus != "" && e.FromStatus != e.ToStatus &&
		!slices.Contains(append(y.liaison(e.MatterID), y.now.first(e.MatterID)), text(e.ActorID)) && !slices.Contains(handOver, e.Action)
}

// liaison is who handed a matter in for its first author, if anybody did.
func (y *year) liaison(id string) []string {
	for _, a := range y.now.authorsOf(id) {
		if a.Role == matter.First && a.OnBehalfBy != nil {
			return []string{*a.OnBehalfBy}
		}
	}
	return nil
}

// leftOut lists who knew that they were co-authors and are not named any more.
func (y *year) leftOut(before scene, id string) []string {
	var out []string
	for _, a := range before.authorsOf(id) {
		knew := a.Role == matter.Co && a.ViaMatterID == nil && a.OwnConsent == nil && (a.Consent == matter.Given || a.Consent == matter.Asked)
		if knew && !slices.ContainsFunc(y.now.authorsOf(id), func(b matter.Author) bool { return b.Person() == a.Person() }) {
			out = append(out, a.Person())
		}
	}
	return out
}

// told holds for one act that each author is told of each public decision and
// reply exactly once, and nobody else; of how it goes on, all of them or
// nobody; and that work is told to those who have it.
func (y *year) told(before scene, events []matter.Event, messages []notify.Message) []string {
	var wrong []string
	got := map[string]int{} // by matter, person and sort of event
	for _, m := range messages {
		got[m.MatterID+" "+m.PersonID+" "+sort(m.Event)]++
		x := y.now.matter(m.MatterID)
		if p := y.somebody(m.PersonID); !y.now.sees(p, x) && !before.sees(p, x) { // who loses it is told so
			wrong = append(wrong, fmt.Sprintf("%s is told of %s (%s), which they may not see", p.name, m.MatterID, m.Title))
		}
	}
	want := map[string]int{}
	gathered := y.mergedIn(before, events)
	for _, e := range events {
		for _, person := range y.toldOf(before, e, gathered) {
			want[e.MatterID+" "+person+" decision"]++
		}
		for id, people := range y.answers(before, e, events) {
			for _, person := range people {
				want[id+" "+person+" decision"]++
			}
		}
	}
	for _, x := range before.matters { // a draft that is saved leaves no line
		if x.Status == matter.Draft && !slices.ContainsFunc(events, func(e matter.Event) bool { return e.MatterID == x.ID }) {
			for _, person := range y.leftOut(before, x.ID) {
				want[x.ID+" "+person+" decision"]++
			}
		}
	}
	for _, key := range keysOf(want, got) {
		switch {
		case strings.HasSuffix(key, " decision") && want[key] != got[key]:
			wrong = append(wrong, fmt.Sprintf("of %s: told %d times, want %d", key, got[key], want[key]))
		case strings.HasSuffix(key, " progress") && got[key] > 1, strings.HasSuffix(key, " task") && got[key] > 1:
			wrong = append(wrong, fmt.Sprintf("of %s: told %d times", key, got[key]))
		}
	}
	return slices.Concat(wrong, y.progress(before, messages), y.repeated(messages))
}

// sort is what a message is to whom it is told: the decision or the reply on
// their matter, how it goes on, or work.
func sort(e notify.Event) string {
	switch e {
	case notify.Decision, notify.Reply:
		return "decision"
	default:
		return string(e)
	}
}

// answered reports whether a line tells that a matter has its answer.
func (y *year) answered(e matter.Event) bool { return e.Action == "settle" && y.public(e) }

// answers lists who is to be told of an answer, by matter: when all of it is there,
// or one of several units has answered. Where each original has its own answer, the
// authors of each are told of theirs.
func (y *year) answers(before scene, e matter.Event, events []matter.Event) map[string][]string {
	settled := func(x matter.Event) bool { return x.MatterID == e.MatterID && y.answered(x) }
	partly := e.Action == "pass" && y.now.assignment(text(e.AssignmentID)).Role == handling.Separate && !slices.ContainsFunc(events, settled)
	if !y.answered(e) && !partly {
		return nil
	}
	if !y.Handling.TermsOf(y.now.matter(e.MatterID).Kind).PerOriginal {
		return map[string][]string{e.MatterID: before.agreed(e.MatterID)}
	}
	own := matter.Original{Authors: before.authorsOf(e.MatterID)}
	told := map[string][]string{e.MatterID: own.People()}
	for _, x := range before.matters {
		if text(x.MergedInto) == e.MatterID {
			told[x.ID] = before.agreed(x.ID)
		}
	}
	return told
}

// toldOf lists who is to be told of a line of a timeline.
func (y *year) toldOf(before scene, e matter.Event, gathered map[string][]string) []string {
	rule, _ := y.Matters.Flow(y.now.matter(e.MatterID).Kind).Rule(e.Action)
	switch {
	case y.answered(e): // as answers says
		return nil
	case e.ToStatus == matter.Converted: // of what it has become
		return nil
	case e.AssignmentID == nil && e.FromStatus == "" && y.now.matter(e.MatterID).OriginID != nil:
		return y.now.agreed(e.MatterID)
	case y.public(e) && e.Action == "return": // the liaison may mend it
		return append(before.agreed(e.MatterID), y.liaison(e.MatterID)...)
	case y.public(e), slices.Contains(heard, e.Action):
		return before.agreed(e.MatterID)
	case e.Action == "withdraw": // by one of the authors, or for them: the others are told
		return slices.DeleteFunc(before.agreed(e.MatterID), func(id string) bool { return id == text(e.ActorID) })
	case replaces(y.Matters.Flow(y.now.matter(e.MatterID).Kind), e.Action) && e.FromStatus != "":
		told := y.leftOut(before, e.MatterID)
		if slices.Contains(y.liaison(e.MatterID), text(e.ActorID)) {
			told = append(told, y.now.first(e.MatterID))
		}
		return told
	case e.ToStatus == matter.Draft: // of what is not handed in nobody is told
	case e.AssignmentID == nil && e.FromStatus == "": // a liaison handed it in
		for _, a := range y.now.authorsOf(e.MatterID) {
			if a.OnBehalfBy != nil {
				return []string{a.Person()}
			}
		}
	case e.AssignmentID == nil && slices.Equal(rule.Who, []workflow.Party{matter.Invited}): // a co-author answered
		return []string{y.now.first(e.MatterID)}
	case e.Action == "merge", e.Action == "unmerge": // of another; who is an author of both is told there
		return slices.DeleteFunc(before.agreed(e.MatterID), func(id string) bool { return slices.Contains(gathered[e.MatterID], id) })
	}
	return nil
}

// mergedIn lists by matter whom it gets by what is merged into it just now, or
// loses by the undoing, and who are told of that there.
func (y *year) mergedIn(before scene, events []matter.Event) map[string][]string {
	by := map[string][]string{}
	for _, e := range events {
		if from := before.matter(e.MatterID).MergedInto; e.FromStatus == matter.Merged && e.ToStatus != matter.Merged && from != nil {
			by[*from] = append(by[*from], y.now.agreed(e.MatterID)...)
		}
		if into := y.now.matter(e.MatterID).MergedInto; e.ToStatus == matter.Merged && e.FromStatus != e.ToStatus && into != nil {
			by[*into] = append(by[*into], y.now.agreed(e.MatterID)...)
		}
	}
	return by
}

// progress holds that how it goes on is told to all authors or to nobody.
func (y *year) progress(before scene, messages []notify.Message) []string {
	var wrong []string
	of := map[string][]string{}
	for _, m := range messages {
		if m.Event == notify.Progress {
			of[m.MatterID] = append(of[m.MatterID], m.PersonID)
		}
	}
	for id, people := range of {
		want := before.agreed(id)
		slices.Sort(want)
		slices.Sort(people)
		if !slices.Equal(want, people) {
			wrong = append(wrong, fmt.Sprintf("how %s goes on is told to %v, its authors are %v", id, people, want))
		}
	}
	return wrong
}

// repeated holds that nobody is told the same twice at once. Two units may be
// late with one matter, and who waits for both is reminded of both: that the
// jobs remind once of each is counted by reminded.
func (y *year) repeated(messages []notify.Message) []string {
	var wrong []string
	seen := map[string]bool{}
	for _, m := range messages {
		if y.jobs && m.Event == notify.Reminder {
			y.kept.reminders++
			continue
		}
		key := strings.Join([]string{m.PersonID, m.MatterID, string(m.Event), m.Title, m.Body}, "\n")
		if seen[key] {
			wrong = append(wrong, fmt.Sprintf("%s is told twice of %s: %s", m.PersonID, m.MatterID, m.Title))
		}
		seen[key] = true
	}
	return wrong
}

func keysOf(maps ...map[string]int) []string {
	var keys []string
	for _, m := range maps {
		for key := range m {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (y *year) somebody(id string) *someone {
	i := slices.IndexFunc(y.cast, func(p *someone) bool { return p.PersonID == id })
	return y.cast[i]
}

// pushed holds that a message was pushed at most once: the platform has sent
// just what the program knows to be sent.
func (y *year) pushed() []string {
	var rows []struct{ OpenID, TemplateID, Kind, MatterID string }
	y.read(&rows, `SELECT p.open_id, p.template_id, i.kind, i.matter_id FROM pushes p JOIN inbox i ON i.id = p.inbox_id WHERE p.status = 'SENT'`)
	count := map[string]int{}
	for _, r := range rows {
		count[fmt.Sprintf("%s %s pages/matter/index?kind=%s&id=%s", r.OpenID, r.TemplateID, r.Kind, r.MatterID)]++
	}
	sent := map[string]int{}
	for _, s := range y.Sim.Sent() {
		sent[fmt.Sprintf("%s %s %s", s.OpenID, s.TemplateID, s.Page)]++
	}
	var wrong []string
	for _, key := range keysOf(count, sent) {
		if count[key] != sent[key] {
			wrong = append(wrong, fmt.Sprintf("%s: the platform sent %d, we count %d", key, sent[key], count[key]))
		}
	}
	return wrong
}

// reminded holds that the jobs told just those of whom they say so, once for
// each step of a deadline.
func (y *year) reminded() []string {
	var people int
	y.read(&people, "SELECT COALESCE(SUM(people), 0) FROM reminders")
	if people != y.kept.reminders {
		return []string{fmt.Sprintf("%d people were to be reminded, and %d messages were written", people, y.kept.reminders)}
	}
	return nil
}
