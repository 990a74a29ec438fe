// Package handling is the tail of every matter: it is assigned to units, which
// sign for it and answer; staff check the answer; the author is told and rates
// it. Kinds share it as it is: they take Dispatch, Settle and Rate into their
// tables and register the effects of this package beside their own.
//
// What a unit does are states of an assignment: one matter, one unit, one
// round. The matter learns of the outcome in the same transaction. The row of
// the matter is locked first, then that of the assignment.
package handling

import (
	"slices"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/workflow"
)

// The faults of the tail.
var (
	ErrNotFound  = fault.New(fault.NotFound, "handling.not_found", "没有找到这项交办，可能已经调整，或您无权查看。")
	ErrUnitTwice = fault.New(fault.Invalid, "handling.unit_twice", "同一个单位不能既主办又会办，也不能重复选择。")
	ErrTooLate   = fault.New(fault.Conflict, "handling.too_late", "已超过可以申退的期限，不能再申退。确有困难，请与政协联系。")
	ErrExtended  = fault.New(fault.Conflict, "handling.extended", "这项交办已经延期过一次，不能再延。")
	ErrTooLong   = fault.New(fault.Invalid, "handling.too_long", "申请的延期太长，请改短一些。")
	ErrMode      = fault.New(fault.Invalid, "handling.mode", "单位与办理方式不符：独办只有一个单位，主办会办和分办至少两个单位。")
	ErrDue       = fault.New(fault.Invalid, "handling.due", "答复期限请只填一项：几个工作日，或明天起一年以内的一个日期。")
	ErrOriginal  = fault.New(fault.Invalid, "handling.original", "分别答复的事项须是并入这一件的，每件只写一次，每份答复2到3000字。")
	ErrWhy       = fault.New(fault.Invalid, "handling.why", "对办理结果不满意的，请写明原因，以便重新研究。")
	ErrRated     = fault.New(fault.Conflict, "handling.rated", "这一件还没有答复，或这一次答复您已经评价过了。")
	ErrMeeting   = fault.New(fault.Invalid, "handling.meeting", "交办会请写明名称和日期，日期不能晚于今天，也不能早于一年前。")
	ErrNoMutual  = fault.New(fault.Conflict, "handling.no_mutual", "本单位没有开展双向评议。")
	ErrMarked    = fault.New(fault.Conflict, "handling.marked", "已经评议过了，不能再改。")
	ErrMarkLate  = fault.New(fault.Conflict, "handling.mark_late", "评议的期限已过。")
	ErrNoFollow  = fault.New(fault.Conflict, "handling.no_follow", "这件事项的办理结果不是正在解决的，不需要跟踪。")
	ErrUntil     = fault.New(fault.Invalid, "handling.until", "请填写延长几个工作日，或延到哪一天，只填一项；延到的日期须在原期限之后。")
	ErrExpired   = fault.New(fault.Conflict, "handling.expired", "答复期限已过，不能再申请延期。请尽快答复，并与政协联系。")
	ErrOutcome   = fault.New(fault.Invalid, "handling.outcome", "请从本单位的办理结果中选择一项。")
	ErrUrged     = fault.New(fault.Conflict, "handling.urged", "刚刚催办过，请过几天再催。")
	ErrChair     = fault.New(fault.Conflict, "handling.chair", "已经重新办理过一次，是否再办由提案委主任决定。")
	ErrPhone     = fault.New(fault.Invalid, "handling.phone", "联系电话不正确，请填写手机号或带区号的座机号。")
)

// The states of the matter that the tail brings, beside those of each head.
const (
	Handling workflow.Status = "HANDLING"
	Replied  workflow.Status = "REPLIED"
	Closed   workflow.Status = "CLOSED"

	Unsatisfied workflow.Status = "UNSATISFIED"
)

// The states of an assignment.
const (
	Dispatched   workflow.Status = "DISPATCHED"
	Signed       workflow.Status = "SIGNED"
	ReturnAsked  workflow.Status = "RETURN_ASKED"
	DelayAsked   workflow.Status = "EXTENSION_ASKED"
	ReplyDrafted workflow.Status = "REPLY_DRAFTED"
	AnswerGiven  workflow.Status = "REPLIED"
	OpinionGiven workflow.Status = "OPINION_GIVEN"
	Released     workflow.Status = "RELEASED" // at the unit's own wish
	Recalled     workflow.Status = "RECALLED" // since the lead unit was released, and the matter is dispatched anew
	Lapsed       workflow.Status = "LAPSED"
)

// The parties that relate to an assignment. AnyUnit stands for both units.
const (
	LeadUnit workflow.Party = "LEAD_UNIT" // 主办单位, or each of those that answer by themselves
	CoUnit   workflow.Party = "CO_UNIT"   // 会办单位
	AnyUnit  workflow.Party = "UNIT"      // 承办单位
)

// UnitParties lists the parties that units are to an assignment.
func UnitParties() []workflow.Party { return []workflow.Party{LeadUnit, CoUnit, AnyUnit} }

// Role is what a unit is in a matter.
type Role string

// The roles of units.
const (
	Lead     Role = "LEAD"     // 主办, or 独办: gives the one reply
	Co       Role = "CO"       // 会办: gives its opinion to the lead
	Separate Role = "SEPARATE" // 分办: gives a reply of its own beside others
)

// answers reports whether a unit of the role replies to the author.
func (r Role) answers() bool { return r == Lead || r == Separate }

// Mode is how the units of a round share the work.
type Mode string

// The modes (办理方式).
const (
	Sole      Mode = "SOLE"     // 独办: one unit answers
	LeadAndCo Mode = "LEAD_CO"  // 主办、会办: the lead answers for all
	Separated Mode = "SEPARATE" // 分办: each answers by itself, and the matter is answered when all have
)

// Assignment is one matter with one unit in one round.
type Assignment struct {
	ID                 string `gorm:"primaryKey"`
	InstitutionID      string
	MatterID           string
	UnitID             string
	Round              int
	Role               Role
	Status             workflow.Status
	LetterNo           string  // of the 转办函; the same for all units of a round
	HandoverID         *string // the meeting at which it was handed over; nil: at none
	Requirement        string
	Urged              int          // how much it was urged: 1 for each author, 2 for the office, 4 for a leader
	AskedDays          int          // working days that were asked for as an extension, where the time runs in working days
	AskedUntil         calendar.Day // the day that was asked for, where it runs in days or months
	ExtendedBy         int          // working days that were granted; 0: none yet
	ExtendedUntil      calendar.Day // the day that was granted; zero: none yet
	Extensions         int          // how often it was extended
	GivenCount         int          // the time that it was given at first, where it was extended
	GivenUnit          calendar.Unit
	HandlerName        string
	HandlerPhoneSealed []byte
	ContactWay         Way // how the unit spoke with the author the last time, as it logged; empty: not yet
	Version            int64
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// ReplyKind tells a reply to the author from an opinion for the lead unit.
type ReplyKind string

// The kinds of what units write.
const (
	Answer  ReplyKind = "REPLY"
	Opinion ReplyKind = "OPINION"
)

// Verdict is what the check of a reply found.
type Verdict string

// The verdicts; an unchecked reply has none.
const (
	Passed   Verdict = "PASSED"
	SentBack Verdict = "SENT_BACK"
)

// Reply is what a unit wrote. A reply that was sent back stays beside the next.
type Reply struct {
	ID                 string `gorm:"primaryKey"`
	InstitutionID      string
	MatterID           string
	AssignmentID       string
	Round              int
	Kind               ReplyKind
	Outcome            string // code of the outcome; empty for an opinion
	OutcomeLabel       string // its words at the time
	CurrentOutcome     string // the code as it is by now, when it was looked at again
	Body               string
	AboutID            *string // the original that it answers, where its text is another than that for all; nil: all of them
	Signer             string  // of a letter: who signed it (签发人)
	DocumentNo         string  // of a letter: its number
	Public             bool    // the unit agrees to its publication
	ContactName        string
	ContactPhoneSealed []byte
	Way                Way // empty for an opinion
	Verdict            Verdict
	SubmittedAt        time.Time
	CheckedAt          *time.Time
}

// letter names what a unit handed in at once: the text for all, and those for
// single originals.
func (r Reply) letter() string {
	return r.AssignmentID + " " + r.SubmittedAt.UTC().Format(time.RFC3339Nano)
}

// Way is how the unit spoke with the author before answering.
type Way string

// The ways of communication.
const (
	InPerson Way = "IN_PERSON" // 面谈
	ByPhone  Way = "PHONE"     // 电话
	Visit    Way = "VISIT"     // 走访
	Forum    Way = "FORUM"     // 座谈
	None     Way = "NONE"      // 未沟通
)

// WayLabel returns the words for a way of communication.
func WayLabel(w Way) string {
	return map[Way]string{InPerson: "面谈", ByPhone: "电话", Visit: "走访", Forum: "座谈", None: "未沟通"}[w]
}

// Rating is how an author judged the handling, in words, on two axes.
type Rating struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	MatterID      string
	PersonID      *string // nil: the first author is a body that has nobody here
	Round         int
	Attitude      Grade // 办理态度
	Result        Grade // 办理结果
	Comment       string
	ConfirmedAt   *time.Time // when staff let the units see it, without the comment
	CreatedAt     time.Time
}

// Grade is a word of satisfaction.
type Grade string

// The grades.
const (
	Satisfied    Grade = "SATISFIED"    // 满意
	Basically    Grade = "BASICALLY"    // 基本满意
	Dissatisfied Grade = "DISSATISFIED" // 不满意
)

// Grades lists the grades, from the best.
func Grades() []Grade { return []Grade{Satisfied, Basically, Dissatisfied} }

// Label returns the words for a grade.
func (g Grade) Label() string {
	return map[Grade]string{Satisfied: "满意", Basically: "基本满意", Dissatisfied: "不满意"}[g]
}

// Flow is the life of an assignment, with everything that the terms of some kind
// allow. What holds for the matters of one kind is Service.FlowOf.
func Flow() workflow.Table {
	all := flow(Usual(), Lead)
	more := Usual()
	more.Letter, more.Mutual = true, true
	for i, r := range flow(more, Lead).Rules {
		if _, ok := all.Rule(r.Action); !ok {
			all.Rules = slices.Insert(all.Rules, i, r)
		}
	}
	return all
}

// flow is the life of an assignment of a role under terms.
func flow(t Terms, role Role) workflow.Table {
	staff := []workflow.Party{member.InfoStaff, member.ProposalStaff}
	contact := []string{t.contactClock().Kind}                            // until there was one, or nobody needs it
	replying := []string{t.contactClock().Kind, t.answerClock(role).Kind} // until there is a reply, whatever is asked for meanwhile
	word := t.Return.word()
	table := workflow.Table{
		Name: "assignment", Label: "交办",
		States: []workflow.State{
			{Name: Dispatched, Label: "待签收", Holder: AnyUnit, Clock: t.signClock(), Runs: replying},
			{Name: Signed, Label: "办理中", Holder: AnyUnit, Clock: t.answerClock(role), Runs: contact},
			{Name: ReturnAsked, Label: word + "待定", Holder: member.ProposalStaff, Clock: t.returnClock(), Runs: replying},
			{Name: DelayAsked, Label: "延期待批", Holder: member.ProposalStaff, Clock: t.delayClock(), Runs: replying},
			{Name: ReplyDrafted, Label: "答复待审查", Holder: member.ProposalStaff, Clock: t.checkClock(), Runs: contact},
			{Name: AnswerGiven, Label: "已答复"},
			{Name: OpinionGiven, Label: "已提会办意见"},
			{Name: Released, Label: "已退回"},
			{Name: Recalled, Label: "已收回"},
			{Name: Lapsed, Label: "无需再办"},
		},
		Rules: []workflow.Rule{
			{Action: "assign", Label: "交办", To: []workflow.Status{Dispatched}},
			{
				Action: "sign_for", Label: "签收", From: []workflow.Status{Dispatched}, To: []workflow.Status{Signed},
				Who: []workflow.Party{AnyUnit}, Input: SignForInput{}, Usual: true, Audience: workflow.Everyone, Bulk: true,
			},
			{
				Action: "give_opinion", Label: "提交会办意见", From: []workflow.Status{Signed}, To: []workflow.Status{OpinionGiven},
				Who: []workflow.Party{CoUnit}, Input: OpinionInput{}, Usual: true,
			},
			{
				Action: "ask_return", Label: word, From: []workflow.Status{Dispatched, Signed}, To: []workflow.Status{ReturnAsked},
				Who: []workflow.Party{AnyUnit}, Input: AskReturnInput{},
			},
			{
				Action: "refuse_return", Label: "不同意" + word, From: []workflow.Status{ReturnAsked}, To: []workflow.Status{Dispatched, Signed},
				Who: staff, Input: RefuseReturnInput{},
			},
			{
				Action: "allow_return", Label: "同意" + word, From: []workflow.Status{ReturnAsked}, To: []workflow.Status{Released},
				Who: staff, Input: AllowReturnInput{}, Usual: true,
			},
			{
				Action: "report_progress", Label: "办理进展", From: []workflow.Status{Signed, DelayAsked},
				Who: []workflow.Party{AnyUnit}, Input: ProgressInput{}, Audience: workflow.Everyone,
			},
			{
				Action: "log_contact", Label: "登记沟通情况", From: []workflow.Status{Signed, DelayAsked, ReplyDrafted},
				Who: []workflow.Party{AnyUnit}, Input: ContactInput{},
			},
			{
				Action: "ask_extension", Label: "申请延期", From: []workflow.Status{Signed}, To: []workflow.Status{DelayAsked},
				Who: []workflow.Party{AnyUnit}, Input: AskExtensionInput{},
			},
			{
				Action: "grant_extension", Label: "同意延期", From: []workflow.Status{DelayAsked}, To: []workflow.Status{Signed},
				Who: staff, Input: GrantExtensionInput{}, Usual: true, Audience: workflow.Everyone,
			},
			{
				Action: "refuse_extension", Label: "不同意延期", From: []workflow.Status{DelayAsked}, To: []workflow.Status{Signed},
				Who: staff, Input: RefuseExtensionInput{},
			},
			{
				Action: "urge", Label: "催办", From: []workflow.Status{Dispatched, Signed},
				Who: append(staff, member.Leader), Input: UrgeInput{},
			},
			{
				Action: "reply", Label: "提交答复", From: []workflow.Status{Signed, DelayAsked}, To: []workflow.Status{ReplyDrafted},
				Who: []workflow.Party{LeadUnit}, Input: ReplyInput{}, Usual: true,
			},
			{
				Action: "reply_by_letter", Label: "提交答复函", From: []workflow.Status{Signed, DelayAsked}, To: []workflow.Status{ReplyDrafted},
				Who: []workflow.Party{LeadUnit}, Input: LetterInput{}, Usual: true,
			},
			{
				Action: "pass", Label: "审查通过", From: []workflow.Status{ReplyDrafted}, To: []workflow.Status{AnswerGiven},
				Who: staff, Input: PassInput{}, Usual: true,
			},
			{
				Action: "send_back_reply", Label: "退回重新答复", From: []workflow.Status{ReplyDrafted}, To: []workflow.Status{Signed},
				Who: staff, Input: SendBackInput{},
			},
			{
				Action: markAuthor, Label: "评议提案", From: []workflow.Status{AnswerGiven}, Who: []workflow.Party{LeadUnit}, Input: MarkInput{},
				Audience: workflow.Office,
			},
			{Action: "lapse", Label: "无需再办", From: []workflow.Status{Dispatched, Signed, ReturnAsked, DelayAsked}, To: []workflow.Status{Lapsed}},
			{Action: "take_back", Label: "收回", From: []workflow.Status{Dispatched, Signed, ReturnAsked, DelayAsked}, To: []workflow.Status{Recalled}},
		},
	}
	table.Rules = slices.DeleteFunc(table.Rules, func(r workflow.Rule) bool { return t.lacks(r.Action) })
	return table
}

// States returns the states of the tail, for the table of a kind with these terms.
func States(t Terms) []workflow.State {
	return []workflow.State{
		{Name: Handling, Label: "办理中"},
		{Name: Replied, Label: "已答复", Holder: matter.FirstAuthor, Clock: t.rateClock()},
		{Name: Unsatisfied, Label: "不满意，待定", Holder: member.ProposalStaff, Or: member.ProposalChair, Clock: t.objectClock()},
		{Name: Closed, Label: "已办结", Done: true},
	}
}

// Rules returns the actions of the tail on the matter itself, for the table of a
// kind with these terms: dispatch, from a state of the head, by staff; and what follows from the
// answer. An author who is not satisfied says why; staff let it be handled once
// more, and after that 提案委主任 decides.
func Rules(from workflow.Status, t Terms) []workflow.Rule {
	office := []workflow.Party{member.InfoStaff, member.ProposalStaff}
	decides := append(office, member.ProposalChair)
	author := []workflow.Party{matter.FirstAuthor}
	is := func(s ...workflow.Status) []workflow.Status { return s }
	rules := []workflow.Rule{
		{
			Action: "dispatch", Label: "转办", From: is(from), To: is(Handling), Who: office, Input: DispatchInput{}, Usual: true,
			Audience: workflow.Everyone, Bulk: true,
		},
		{Action: "settle", Label: "答复已送达", From: is(Handling), To: is(Replied), Audience: workflow.Everyone},
		{Action: "recall", Label: "退回重新转办", From: is(Handling), To: is(from)},
		{Action: "ask_urge", Label: "请求催办", From: is(Handling), Who: []workflow.Party{matter.AnyAuthor}, Input: AskUrgeInput{}, Audience: workflow.Office},
		{Action: "rate", Label: "评价", From: is(Replied), To: is(Closed), Who: author, Input: RateInput{}, Usual: true, Audience: workflow.Everyone},
		{Action: "object", Label: "对办理结果不满意", From: is(Replied), To: is(Unsatisfied), Who: author, Input: ObjectInput{}, Audience: workflow.Office},
		{Action: "close_unrated", Label: "未评价，自动办结", From: is(Replied), To: is(Closed), Audience: workflow.Everyone},
		{
			Action: "close_without_rating", Label: "登记未反馈，办结", From: is(Replied), To: is(Closed), Who: office, Input: CloseWithoutRatingInput{},
			Audience: workflow.Everyone, Bulk: true, Late: true,
		},
		{Action: "rehandle", Label: "重新办理", From: is(Unsatisfied), To: is(Handling), Who: decides, Input: RehandleInput{}, Usual: true, Audience: workflow.Everyone},
		{Action: "uphold", Label: "维持答复，办结", From: is(Unsatisfied), To: is(Closed), Who: decides, Input: UpholdInput{}, Audience: workflow.Everyone},
		{Action: "confirm_rating", Label: "向单位反馈评价", From: is(Unsatisfied, Closed), Who: office, Input: ConfirmRatingInput{}},
	}
	if t.HandOver {
		rules[0].Label, rules[0].Input = "交办", HandOverInput{}
		rules = append(rules, workflow.Rule{Action: "add_unit", Label: "增加承办单位", From: is(Handling), Who: office, Input: AddUnitInput{}})
	}
	if t.PerOriginal {
		rules = append(rules, workflow.Rule{
			Action: rateOriginal, Label: "评价答复", From: is(matter.Merged), Who: author, Input: RateOriginalInput{}, Audience: workflow.Everyone,
		}, workflow.Rule{
			Action: "object_original", Label: "并入事项的提出人不满意", From: is(Replied, Closed), To: is(Unsatisfied), Audience: workflow.Office,
		})
	}
	if t.Mutual {
		rules = append(rules, workflow.Rule{
			Action: markHandling, Label: "评议办理工作", From: is(Replied, Unsatisfied, Closed), Who: author, Input: MarkInput{}, Audience: workflow.Office,
		})
	}
	if t.FollowUp {
		rules = append(rules, workflow.Rule{
			Action: "follow_up", Label: "登记跟踪结果", From: is(Closed), Who: office, Input: FollowUpInput{}, Audience: workflow.Everyone,
		})
	}
	return rules
}
