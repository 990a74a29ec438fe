package handling

import (
	"slices"

	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	"yanlu/internal/workflow"
)

// Terms are the rules by which the tail goes for the matters of one kind. The
// kind gives them to States and Rules, for its table, and to Service.Effects. An
// institution sets each of the lengths apart, by its name in matter.periods; what
// is given here holds until then.
type Terms struct {
	Sign    calendar.Span // "sign": to sign for it, from the dispatch
	Reply   calendar.Span // "reply": to answer, from the dispatch
	Again   calendar.Span // "again": to answer when it is handled again; zero: as Reply
	Opinion calendar.Span // "opinion": for a co-unit's opinion, from the dispatch; zero: as Reply, and by its clock
	Contact calendar.Span // "contact": to the first contact with the author, from the dispatch; zero: none is due
	Check   calendar.Span // "check": for the office to check an answer
	Rate    calendar.Span // "rate": for the author to rate the answer, or it is closed
	Object  calendar.Span // "rehandle": to decide whether it is handled again

	Return    Return
	Extension Extension

	// HandOver is true where a matter is handed over (交办) in one of the three
	// modes, up to a date if need be: its dispatch takes HandOverInput. Else the lead
	// unit answers, with the co-units that are named.
	HandOver bool

	// Letter is true where a unit answers by a letter that its leader signs (答复函).
	Letter bool
	// PerOriginal is true where each matter that was merged into another gets an
	// answer and an opinion form of its own, under its own title. Else the authors of
	// what was merged follow the matter that goes on.
	PerOriginal bool
	// Mutual lets the unit and the first author mark each other, where the institution
	// has switched that on (双向评议).
	Mutual bool
	// FollowUp lets staff look again, the year after, at what was answered as being
	// solved, and note what has come of it.
	FollowUp bool

	// Rehandlings is how often staff may have a matter handled again; beyond it
	// 提案委主任 decides.
	Rehandlings int
}

// Return is how a unit asks to be released.
type Return struct {
	// Dispute is the word for it: 异议 where it is true, and 申退 else.
	Dispute bool
	Within  calendar.Span // "return_within": to ask, from the dispatch
	Decide  calendar.Span // "return": for the office to answer
}

// word is what people call it.
func (r Return) word() string {
	if r.Dispute {
		return "异议"
	}
	return "申退"
}

// Extension is how the time to answer may be made longer.
type Extension struct {
	Times  int           // how often; 0: any number of times
	By     calendar.Span // "extend_by": the most at once; zero: no limit but InAll
	InAll  calendar.Span // "extend_in_all": the whole time to answer, with what it was given at first; zero: no limit but By
	Decide calendar.Span // "extension": for the office to decide
	Before bool          // it is asked for while the time runs
}

// Usual are the terms of 微建议. No public text sets them; they are the defaults
// of domain.md §3.1. Other kinds begin with them and change what is theirs.
func Usual() Terms {
	return Terms{
		Sign: calendar.WorkingDays(2), Reply: calendar.WorkingDays(10), Check: calendar.WorkingDays(1), Rate: calendar.Days(7), Object: calendar.WorkingDays(3),
		Return:      Return{Within: calendar.WorkingDays(3), Decide: calendar.WorkingDays(2)},
		Extension:   Extension{Times: 1, By: calendar.WorkingDays(5), Decide: calendar.WorkingDays(1)},
		Rehandlings: 1,
	}
}

// lacks reports whether an action on assignments is not there under the terms.
func (t Terms) lacks(action string) bool {
	switch action {
	case "reply":
		return t.Letter
	case "reply_by_letter":
		return !t.Letter
	case markAuthor:
		return !t.Mutual
	}
	return false
}

// The clocks of the tail.
func (t Terms) signClock() workflow.Clock {
	return workflow.Clock{Kind: "sign", Label: "签收", Span: t.Sign}
}

// ReplyClock is the kind of the clock of the answer to the author.
const ReplyClock = "reply"

// answerClock is the time in which a unit has to do its part: to answer, or, for
// a co-unit whose opinion has a time of its own, to give that.
func (t Terms) answerClock(role Role) workflow.Clock {
	if role == Co && t.Opinion.Count > 0 {
		return workflow.Clock{Kind: "opinion", Label: "会办意见", Span: t.Opinion, Carries: true}
	}
	return workflow.Clock{Kind: ReplyClock, Label: "答复", Span: t.Reply, Public: true, Carries: true}
}

// contactClock runs beside that of the answer, for whoever answers the author.
func (t Terms) contactClock() workflow.Clock {
	return workflow.Clock{Kind: "contact", Label: "首次沟通", Span: t.Contact, Public: true}
}

func (t Terms) checkClock() workflow.Clock {
	return workflow.Clock{Kind: "check", Label: "办复审查", Waits: "答复待审查", Span: t.Check}
}

func (t Terms) returnClock() workflow.Clock {
	label := "申退审定"
	if t.Return.Dispute {
		label = "异议答复"
	}
	return workflow.Clock{Kind: "return", Label: label, Waits: t.Return.word() + "待定", Span: t.Return.Decide}
}

func (t Terms) delayClock() workflow.Clock {
	return workflow.Clock{Kind: "extension", Label: "延期审批", Waits: "延期待批", Span: t.Extension.Decide}
}

func (t Terms) objectClock() workflow.Clock {
	return workflow.Clock{Kind: "rehandle", Label: "是否重新办理", Waits: "待定是否重办", Span: t.Object}
}

func (t Terms) rateClock() workflow.Clock {
	return workflow.Clock{Kind: rateKind, Label: "评价", Span: t.Rate, Public: true, Then: "close_unrated", Alone: t.PerOriginal}
}

// The lengths that are of no state's clock.
func (t Terms) againLength() workflow.Clock {
	return workflow.Clock{Kind: "again", Label: "重新办理", Span: t.Again}
}

func (t Terms) withinLength() workflow.Clock {
	return workflow.Clock{Kind: "return_within", Label: t.Return.word() + "期限", Span: t.Return.Within}
}

func (t Terms) byLength() workflow.Clock {
	return workflow.Clock{Kind: "extend_by", Label: "一次延期最多", Span: t.Extension.By}
}

func (t Terms) inAllLength() workflow.Clock {
	return workflow.Clock{Kind: "extend_in_all", Label: "办理最长", Span: t.Extension.InAll}
}

// lengths lists those of them that the terms have, with the clock that runs
// beside another.
func (t Terms) lengths() []workflow.Clock {
	all := []workflow.Clock{t.againLength(), t.withinLength(), t.byLength(), t.inAllLength(), t.contactClock()}
	return slices.DeleteFunc(all, func(c workflow.Clock) bool { return c.Span.Count == 0 })
}

// forms lists the forms that the life of an assignment has under the terms.
func (t Terms) forms() map[Role]workflow.Table {
	all := map[Role]workflow.Table{}
	for _, role := range []Role{Lead, Co, Separate} {
		all[role] = flow(t, role)
	}
	return all
}

// FlowOf returns the life of an assignment of a role, for a matter of a kind.
func (s *Service) FlowOf(k matter.Kind, role Role) workflow.Table { return s.kinds[k].forms[role] }

// TermsOf returns the terms of a kind.
func (s *Service) TermsOf(k matter.Kind) Terms { return s.kinds[k].Terms }

// kindTerms is what a kind brings.
type kindTerms struct {
	Terms
	forms map[Role]workflow.Table
}
