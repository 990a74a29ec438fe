package api_test

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/google/go-cmp/cmp"

	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/proposal"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// scene is where everything stands at one moment.
type scene struct {
	matters     []matter.Matter // by identifier, which is the order in which they came
	assignments []handling.Assignment
	authors     []matter.Author
	deadlines   []matter.Deadline
	waiting     []matter.Waiting
	reach       map[matter.Kind]matter.Reach
	lastEvent   string // of the timelines, which are only added to
	lastMessage string // of the inboxes, alike
}

// kept is what was seen of what is only added to.
type kept struct {
	events    []matter.Event
	messages  []notify.Message
	reminders int               // messages of the jobs that a deadline is near or over
	number    map[string]string // matters by institution, kind and number
}

// look reads where everything stands.
func (y *year) look() scene {
	y.T.Helper()
	s := scene{lastEvent: noID, lastMessage: noID, reach: map[matter.Kind]matter.Reach{}}
	for _, h := range y.Matters.Heads() {
		s.reach[h.Kind] = h.Reach
	}
	b := y.DB.Batch()
	store.Read(b, &s.matters, "SELECT * FROM matters ORDER BY id")
	store.Read(b, &s.assignments, "SELECT * FROM assignments ORDER BY id")
	store.Read(b, &s.authors, "SELECT * FROM authors ORDER BY matter_id, ordinal")
	store.Read(b, &s.deadlines, "SELECT * FROM deadlines ORDER BY id")
	store.Read(b, &s.waiting, "SELECT * FROM waiting ORDER BY id")
	if err := b.Run(y.T.Context()); err != nil {
		y.T.Fatal(err)
	}
	y.read(&s.lastEvent, "SELECT id FROM events ORDER BY id DESC LIMIT 1")
	y.read(&s.lastMessage, "SELECT id FROM inbox ORDER BY id DESC LIMIT 1")
	for i, x := range s.matters {
		if y.names[x.ID] == "" {
			y.names[x.ID] = fmt.Sprintf("#%d", i+1)
		}
	}
	for i, x := range s.assignments {
		if y.names[x.ID] == "" {
			y.names[x.ID] = fmt.Sprintf("%s (%s %d)", y.names[x.MatterID], x.Role, i+1)
		}
	}
	return s
}

// unchanged holds that what was just done has changed nothing.
func (y *year) unchanged(what string) {
	y.T.Helper()
	if after := y.look(); !reflect.DeepEqual(y.now, after) {
		y.fail(what+" has changed something (- before, + after):", cmp.Diff(y.now, after, cmp.AllowUnexported(scene{})))
	}
}

// observe looks where everything stands after an act and holds what must be
// true of it.
func (y *year) observe() {
	y.T.Helper()
	before := y.now
	y.now = y.look()
	var events []matter.Event
	var messages []notify.Message
	if before.lastEvent != y.now.lastEvent {
		y.read(&events, "SELECT * FROM events WHERE id > ? ORDER BY id", before.lastEvent)
	}
	if before.lastMessage != y.now.lastMessage {
		y.read(&messages, "SELECT * FROM inbox WHERE id > ? ORDER BY id", before.lastMessage)
	}
	y.kept.events, y.kept.messages = append(y.kept.events, events...), append(y.kept.messages, messages...)
	wrong := slices.Concat(y.waits(), y.held(), y.clocks(), y.grows(before), y.authorsStay(before, events), y.told(before, events, messages))
	if len(wrong) > 0 {
		y.fail(wrong...)
	}
}

func (s scene) matter(id string) matter.Matter {
	for _, x := range s.matters {
		if x.ID == id {
			return x
		}
	}
	return matter.Matter{}
}

func (s scene) authorsOf(id string) []matter.Author {
	return slices.DeleteFunc(slices.Clone(s.authors), func(a matter.Author) bool { return a.MatterID != id })
}

func (s scene) assignmentsOf(id string) []handling.Assignment {
	return slices.DeleteFunc(slices.Clone(s.assignments), func(a handling.Assignment) bool { return a.MatterID != id })
}

func (s scene) assignment(id string) handling.Assignment {
	for _, a := range s.assignments {
		if a.ID == id {
			return a
		}
	}
	return handling.Assignment{}
}

// first is who is the first author of a matter.
func (s scene) first(id string) string {
	for _, a := range s.authors {
		if a.MatterID == id && a.Role == matter.First {
			return a.Person()
		}
	}
	return ""
}

// agreed are those who are authors of a matter and agreed to be.
func (s scene) agreed(id string) []string {
	var people []string
	for _, a := range s.authors {
		if a.MatterID == id && a.Consent == matter.Given && a.Person() != "" && !slices.Contains(people, a.Person()) {
			people = append(people, a.Person())
		}
	}
	return people
}

// sees tells from the rules of the design alone whether somebody may see a
// matter: the office and leaders every one of their institution that is handed in;
// others what is theirs, and what was merged into it; members what is for all of
// them; and what a kind closes, its own and those whom the kind names alone.
func (s scene) sees(p *someone, x matter.Matter) bool {
	if x.InstitutionID != p.InstitutionID {
		return false
	}
	if s.owns(p, x) || x.MergedInto != nil && s.owns(p, s.matter(*x.MergedInto)) {
		return true
	}
	if x.Status == matter.Draft {
		return false
	}
	if r := s.reach[x.Kind]; slices.Contains(r.Closed, s.root(x).Status) && !p.IsAny(r.To...) {
		return false
	}
	return p.IsAny(append(s.reach[x.Kind].Overseers, member.InfoStaff, member.ProposalStaff, member.ProposalChair, member.Leader)...) || p.Is(member.Member) && x.Visibility == matter.Members
}

// root is what a matter was merged into, however often; else itself.
func (s scene) root(x matter.Matter) matter.Matter {
	for x.MergedInto != nil {
		x = s.matter(*x.MergedInto)
	}
	return x
}

// owns tells whether a matter is somebody's: an author's, also before it is
// handed in; a liaison's who handed it in; a unit's as long as it has it; of who
// leads its handling; of translators what is being translated.
func (s scene) owns(p *someone, x matter.Matter) bool {
	for _, a := range s.authors {
		if a.MatterID != x.ID {
			continue
		}
		if a.Is(p.PersonID) && (a.Consent == matter.Given || a.Consent == matter.Asked) || p.Is(member.Liaison) && a.OnBehalfBy != nil && *a.OnBehalfBy == p.PersonID {
			return true
		}
	}
	if p.Is(member.Translator) && slices.Contains([]workflow.Status{proposal.Translating, proposal.TranslationDone}, x.Status) {
		return true
	}
	return x.Leads(p.Actor) || slices.ContainsFunc(s.assignments, func(a handling.Assignment) bool {
		return a.MatterID == x.ID && slices.Contains(p.Units(), a.UnitID) && a.Status != handling.Released && a.Status != handling.Recalled
	})
}
