// Package proposal is the head of 提案: how it is written and signed, taken in,
// reviewed, filed and numbered, and what is a proposal's own after that: 重点, 优秀,
// 督办, publication, 撤案, and a higher body's collection. Once it is handed over,
// package handling has it.
//
// The states and clocks follow domain.md §3.3. Where no public rule sets the days
// they are defaults, which an institution may set.
package proposal

import (
	"slices"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/handling"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/workflow"
)

// Kind is the name of this kind of matter.
const Kind matter.Kind = "proposal"

// The faults of this kind.
var (
	ErrTitle      = fault.New(fault.Invalid, "proposal.title", "案由请写2到60字，一件提案说一件事。")
	ErrText       = fault.New(fault.Invalid, "proposal.text", "请写明提案的内容：情况、分析和具体建议，至少10字。")
	ErrJoint      = fault.New(fault.Invalid, "proposal.joint", "联名提案请选上联名的委员；只有您一人提出的，请选“个人提案”。")
	ErrBody       = fault.New(fault.Invalid, "proposal.body", "集体提案请写明是哪个党派、团体、界别、小组或专委会提出的；个人和联名提案不用写。")
	ErrNotOf      = fault.New(fault.Conflict, "proposal.not_of", "界别、小组的提案由本界别、本小组的委员提交。请核对您的界别和小组，或请召集人提交。")
	ErrSeal       = fault.New(fault.Invalid, "proposal.seal", "集体提案请附上盖章或召集人签名的扫描件。")
	ErrMeeting    = fault.New(fault.Invalid, "proposal.meeting", "会议日期不正确：不能晚于今天，也不能早于这件提案上一步的日期。")
	ErrTwoReviews = fault.New(fault.Conflict, "proposal.two_reviews", "本单位实行两人背靠背审查，两份审查意见都提交后才能作决定。")
	ErrSecondOne  = fault.New(fault.Conflict, "proposal.second_one", "您已经提交了预审意见，复审请由另一位同志来做。")
	ErrNotPublic  = fault.New(fault.Conflict, "proposal.not_public", "提案人没有同意公开。征得提案人同意后，请勾选“已征得提案人同意”。")
	ErrLanguage   = fault.New(fault.Invalid, "proposal.translator", "请选择一位翻译人员；不选的，由全体翻译人员认领。")
)

// The states of the head.
const (
	Cosigning workflow.Status = "COSIGNING"
	Submitted workflow.Status = "SUBMITTED"
	ReReview  workflow.Status = "RE_REVIEW"
	Reviewed  workflow.Status = "REVIEWED"
	Returned  workflow.Status = "RETURNED"
	Filed     workflow.Status = "FILED"
	NotFiled  workflow.Status = "NOT_FILED"
	Withdrawn workflow.Status = "WITHDRAWN"

	RevokeAsked workflow.Status = "REVOKE_ASKED"
	Revoked     workflow.Status = "REVOKED"

	Translating     workflow.Status = "TRANSLATING"
	TranslationDone workflow.Status = "TRANSLATION_CHECK"

	// Of a higher body's collection.
	Gathered  workflow.Status = "GATHERED"
	Chosen    workflow.Status = "CHOSEN"
	NotChosen workflow.Status = "NOT_CHOSEN"
	HandedUp  workflow.Status = "HANDED_UP"
	UpperDone workflow.Status = "UPPER_DONE"

	UpperNotFiled workflow.Status = "UPPER_NOT_FILED"
)

// Proposal is what this kind keeps beside the matter.
type Proposal struct {
	MatterID      string `gorm:"primaryKey"`
	InstitutionID string
	CollectionID  *string  // nil: the office has set no session for its day yet
	Occasion      Occasion // empty in a higher body's collection, or while no session is set
	Proposer      Proposer
	TextVersion   int
	PublicWish    bool   // whether the sponsor agrees to publication
	UnitsWish     string // who should handle it, in the sponsor's view
	ProposedJSON  string // units that were proposed when it was filed, the lead first; "[]": none
	Ground        Ground // empty unless not filed
	Transfer      Transfer
	Meeting       string        // which decided it; empty: the office did
	MetOn         *calendar.Day // the day of the meeting
	FiledAt       *time.Time
	// What staff let all members read, once it is filed.
	PublishedAt     *time.Time
	AnswerPublished bool
	// Of a higher body's collection.
	UpperBody   string
	UpperNumber string
	UpperAnswer string
	UpperAward  string
}

// Occasion tells when a proposal came.
type Occasion string

// The occasions.
const (
	Plenary Occasion = "PLENARY" // 大会提案
	Interim Occasion = "INTERIM" // 平时提案
)

// Proposer is who proposes.
type Proposer string

// The kinds of proposers (domain.md §3.3).
const (
	Individual Proposer = "INDIVIDUAL" // 个人
	Joint      Proposer = "JOINT"      // 联名
	Party      Proposer = "PARTY"      // 党派
	Group      Proposer = "GROUP"      // 人民团体
	Sector     Proposer = "SECTOR"     // 界别
	Panel      Proposer = "PANEL"      // 小组, 联组
	Committee  Proposer = "COMMITTEE"  // 专委会
)

// bodies are the bodies that are collective proposers.
var bodies = map[Proposer]matter.BodyKind{
	Party: matter.PartyBody, Group: matter.GroupBody, Sector: matter.SectorBody, Panel: matter.PanelBody, Committee: matter.CommitteeBody,
}

// collective reports whether a body proposes, not members in their own names.
func (p Proposer) collective() bool { return bodies[p] != "" }

// Ground is why a proposal is not filed.
type Ground string

// The ten grounds (domain.md §3.3).
const (
	Secret       Ground = "SECRET"        // 涉及党和国家秘密
	Forbidden    Ground = "FORBIDDEN"     // 国家明令禁止
	PartyAffairs Ground = "PARTY_AFFAIRS" // 中共党员反映党内组织人事安排
	OwnParty     Ground = "OWN_PARTY"     // 民主党派成员反映本组织内部问题
	Litigation   Ground = "LITIGATION"    // 已进入诉讼、仲裁等程序
	Academic     Ground = "ACADEMIC"      // 学术研讨
	Personal     Ground = "PERSONAL"      // 为本人或亲属解决个人问题
	Promotion    Ground = "PROMOTION"     // 宣传推介作品、产品
	Accusation   Ground = "ACCUSATION"    // 指名举报
	Empty        Ground = "EMPTY"         // 内容空泛，没有具体建议
)

// words is what people call a ground.
func (g Ground) words() string {
	return map[Ground]string{
		Secret: "涉及党和国家秘密", Forbidden: "属于国家明令禁止的事项", PartyAffairs: "反映的是党内组织和人事安排", OwnParty: "反映的是民主党派内部事务",
		Litigation: "所提事项已进入诉讼、仲裁等程序", Academic: "属于学术研讨", Personal: "为本人或亲属解决个人问题", Promotion: "宣传、推介作品或产品",
		Accusation: "属于指名举报", Empty: "内容比较空泛，还没有具体建议",
	}[g]
}

// Transfer is where the content of a proposal goes that is not filed.
type Transfer string

// The ways on.
const (
	AsLetter     Transfer = "LETTER"     // 作为来信
	AsOpinion    Transfer = "OPINION"    // 社情民意
	AsSuggestion Transfer = "SUGGESTION" // 微建议
	ToPetition   Transfer = "PETITION"   // 信访
	ToCourt      Transfer = "COURT"      // 法院、仲裁
	ToDiscipline Transfer = "DISCIPLINE" // 纪检监察
	ToDepartment Transfer = "DEPARTMENT" // 主管部门
)

// words tells somebody where the content goes, or may go.
func (t Transfer) words() string {
	return map[Transfer]string{
		AsLetter: "内容已作为委员来信转有关单位研究参考。", AsOpinion: "内容可以作为社情民意信息反映，欢迎您整理后提交。",
		AsSuggestion: "内容适合作为微建议，欢迎您在微建议中提出，办理会更快。", ToPetition: "这类事项可以向信访部门反映。",
		ToCourt: "这类事项请通过人民法院或仲裁机构解决。", ToDiscipline: "这类情况请向纪检监察机关反映（12388）。", ToDepartment: "这类事项可以直接向主管部门反映。",
	}[t]
}

// The clocks of the head. domain.md §3.3 has five working days for each review and
// for the translation; the others are this program's.
var (
	cosignClock    = workflow.Clock{Kind: "cosign", Label: "联名后提交", Waits: "待联名后提交", Span: calendar.WorkingDays(10), Public: true}
	preClock       = workflow.Clock{Kind: "pre_review", Label: "预审", Span: calendar.WorkingDays(5)}
	reClock        = workflow.Clock{Kind: "re_review", Label: "复审", Span: calendar.WorkingDays(5)}
	decideClock    = workflow.Clock{Kind: "decide", Label: "审定", Span: calendar.WorkingDays(10)}
	amendClock     = workflow.Clock{Kind: "amend", Label: "修改后重新提交", Waits: "提案待修改", Span: calendar.WorkingDays(10), Public: true}
	handOverClock  = workflow.Clock{Kind: "hand_over", Label: "交办", Span: calendar.WorkingDays(10)}
	translateClock = workflow.Clock{Kind: "translate", Label: "翻译", Span: calendar.WorkingDays(5)}
	proofClock     = workflow.Clock{Kind: "proofread", Label: "译文校对", Span: calendar.WorkingDays(5)}
	revokeClock    = workflow.Clock{Kind: "revoke", Label: "撤案审定", Waits: "撤案待定", Span: calendar.WorkingDays(5)}
	chooseClock    = workflow.Clock{Kind: "choose", Label: "筛选", Span: calendar.WorkingDays(10)}
	handUpClock    = workflow.Clock{Kind: "hand_up", Label: "提交上级", Span: calendar.WorkingDays(5)}
	aboveClock     = workflow.Clock{Kind: "above", Label: "了解上级办理结果", Waits: "提案待上级答复", Span: calendar.Days(90)}
)

// terms are the rules of the tail for proposals (domain.md §3.3): three months, or,
// explained beforehand, six in all; a first contact within fifteen working days of the
// hand-over; a dispute within five, answered in seven days; the opinion form within
// fifteen of the answer; a month to handle it again. Units answer by letters that a
// leader signs, each original proposal by its own.
func terms() handling.Terms {
	t := handling.Usual()
	t.Sign, t.Reply, t.Again, t.Opinion, t.Contact = calendar.WorkingDays(5), calendar.Months(3), calendar.Months(1), calendar.Months(1), calendar.WorkingDays(15)
	t.Check, t.Rate, t.Object = calendar.WorkingDays(3), calendar.WorkingDays(15), calendar.WorkingDays(5)
	t.Return = handling.Return{Dispute: true, Within: calendar.WorkingDays(5), Decide: calendar.Days(7)}
	t.HandOver, t.Letter, t.PerOriginal, t.Mutual, t.FollowUp = true, true, true, true, true
	t.Extension = handling.Extension{InAll: calendar.Months(6), Decide: calendar.WorkingDays(3), Before: true}
	return t
}

func is(s ...workflow.Status) []workflow.Status { return s }

// undecided lists the states in which 提案委 may decide. In a small office one person
// decides what has just come; the reviews before are there for those who have them.
func undecided() []workflow.Status { return is(Submitted, ReReview, Reviewed) }

// mergeInto lists the states in which a proposal takes others in.
func mergeInto() []workflow.Status { return append(undecided(), Filed, handling.Handling) }

// unmergeFrom lists the states in which what it took in may go again.
func unmergeFrom() []workflow.Status {
	return append(mergeInto(), Returned, NotFiled, Withdrawn, Translating, TranslationDone, RevokeAsked, Revoked, Gathered, Chosen, NotChosen)
}

// filed lists the states of what has been filed and goes on, or is answered.
func filed() []workflow.Status {
	return is(Filed, Translating, TranslationDone, handling.Handling, handling.Replied, handling.Unsatisfied)
}

// closed lists the states in which only sponsors, who is asked to sign, and staff see
// a proposal: until it is filed, and for good where it is not (domain.md, habits).
func closed() []workflow.Status {
	return append(undecided(), Cosigning, Returned, Withdrawn, NotFiled, matter.Converted, Gathered, Chosen, NotChosen, UpperNotFiled)
}

// Flow is the life of a 提案.
func Flow() workflow.Table {
	office := []workflow.Party{member.InfoStaff, member.ProposalStaff}
	rules := slices.Concat(intakeRules(office), reviewRules(office), matter.MergeRules(append(undecided(), Filed), office), matter.ConvertRules(append(undecided(), NotFiled), office))
	rules = append(rules, tailRules()...)
	rules = append(rules, revokeRules(office)...)
	rules = append(rules, translationRules(office)...)
	rules = append(rules, upperRules(office)...)
	rules = append(rules, markRules(office)...)
	open := slices.Concat(undecided(), filed(), is(Cosigning, Returned, RevokeAsked, Gathered, Chosen, HandedUp))
	rules = append(rules, matter.SharedRules(open, office)...)
	return workflow.Table{
		Name: string(Kind), Label: "提案", Rules: rules,
		States: append([]workflow.State{
			{Name: matter.Draft, Label: "草稿"},
			{Name: Cosigning, Label: "征求联名", Holder: matter.FirstAuthor, Clock: cosignClock},
			{Name: Submitted, Label: "待审查", Holder: member.ProposalStaff, Clock: preClock},
			{Name: ReReview, Label: "待复审", Holder: member.ProposalStaff, Clock: reClock},
			{Name: Reviewed, Label: "待审定", Holder: member.ProposalStaff, Clock: decideClock},
			{Name: Returned, Label: "待修改", Holder: matter.FirstAuthor, Clock: amendClock},
			{Name: Filed, Label: "已立案", Holder: member.ProposalStaff, Clock: handOverClock},
			{Name: NotFiled, Label: "不予立案", Done: true},
			{Name: matter.Merged, Label: "已并案"},
			{Name: matter.Converted, Label: "已转为其他类别"},
			{Name: Withdrawn, Label: "已撤回"},
			{Name: Translating, Label: "翻译中", Holder: member.Translator, Clock: translateClock},
			{Name: TranslationDone, Label: "译文待校对", Holder: member.ProposalStaff, Clock: proofClock},
			{Name: RevokeAsked, Label: "申请撤案，待定", Holder: member.ProposalStaff, Clock: revokeClock},
			{Name: Revoked, Label: "已撤案"},
			{Name: Gathered, Label: "待筛选", Holder: member.ProposalStaff, Clock: chooseClock},
			{Name: Chosen, Label: "已入选", Holder: member.ProposalStaff, Clock: handUpClock},
			{Name: NotChosen, Label: "未入选"},
			{Name: HandedUp, Label: "已提交上级", Holder: member.ProposalStaff, Clock: aboveClock},
			{Name: UpperDone, Label: "上级已办复"},
			{Name: UpperNotFiled, Label: "上级没有立案"},
		}, handling.States(terms())...),
	}
}

// intakeRules are how a proposal is written, signed and handed in, and taken back.
func intakeRules(office []workflow.Party) []workflow.Rule {
	first := []workflow.Party{matter.FirstAuthor, matter.OnBehalf}
	return []workflow.Rule{
		{Action: "submit", Label: "提交", To: is(Submitted, Gathered), Who: []workflow.Party{member.Member, matter.ForBody}, Input: SubmitInput{}, Audience: workflow.Everyone},
		{Action: "draft", Label: "存为草稿", To: is(matter.Draft), Who: []workflow.Party{member.Member, matter.ForBody}, Input: DraftInput{}, Audience: workflow.Everyone},
		{Action: "save", Label: "保存草稿", From: is(matter.Draft), To: is(matter.Draft), Who: first, Input: SaveInput{}, Silent: true},
		{Action: "invite", Label: "征求联名", From: is(matter.Draft), To: is(Cosigning), Who: first, Input: InviteInput{}, Audience: workflow.Everyone},
		{Action: "revise", Label: "修改文本", From: is(Cosigning), To: is(Cosigning), Who: first, Input: ReviseInput{}, Audience: workflow.Everyone},
		{Action: "send", Label: "提交", From: is(matter.Draft, Cosigning, Returned), To: is(Submitted, Gathered), Who: first, Input: SendInput{}, Usual: true, Audience: workflow.Everyone},
		{
			Action: "withdraw", Label: "撤回", From: append(undecided(), matter.Draft, Cosigning, Returned, Gathered, Chosen), To: is(Withdrawn),
			Who: first, Input: matter.WithdrawInput{}, Audience: workflow.Everyone,
		},
		matter.ClassifyRule(slices.Concat(undecided(), filed(), is(Gathered, Chosen)), office),
	}
}

// reviewRules are how 提案委 looks at a proposal and decides it.
func reviewRules(office []workflow.Party) []workflow.Rule {
	decides := append(slices.Clone(office), member.ProposalChair)
	return []workflow.Rule{
		{Action: "pre_review", Label: "提交预审意见", From: is(Submitted), To: is(ReReview), Who: office, Input: ReviewInput{}, Usual: true, Audience: workflow.Office},
		{Action: "re_review", Label: "提交复审意见", From: is(ReReview), To: is(Reviewed), Who: office, Input: ReviewInput{}, Usual: true, Audience: workflow.Office},
		{Action: "file", Label: "立案", From: undecided(), To: is(Filed), Who: decides, Input: FileInput{}, Usual: true, Then: "dispatch", Audience: workflow.Everyone, Bulk: true},
		{Action: "not_file", Label: "不予立案", From: undecided(), To: is(NotFiled), Who: decides, Input: NotFileInput{}, Audience: workflow.Everyone, Bulk: true},
		{Action: "return", Label: "退回修改", From: append(undecided(), Gathered, HandedUp), To: is(Returned), Who: decides, Input: ReturnInput{}, Audience: workflow.Everyone},
		{Action: "retitle", Label: "改写案由", From: append(undecided(), Filed), Who: office, Input: RetitleInput{}, Audience: workflow.Everyone},
	}
}

// tailRules are the rules of handling. An answer may come, and the lead unit be
// released, also while it is looked at whether the proposal is revoked.
func tailRules() []workflow.Rule {
	rules := handling.Rules(Filed, terms())
	for i, r := range rules {
		if r.Action == "settle" || r.Action == "recall" {
			rules[i].From = append(slices.Clone(r.From), RevokeAsked)
		}
	}
	return rules
}

// revokeRules are how a filed proposal is revoked (撤案): its sponsor asks, 提案委
// decides.
func revokeRules(office []workflow.Party) []workflow.Rule {
	decides := append(slices.Clone(office), member.ProposalChair)
	return []workflow.Rule{
		{
			Action: "ask_revoke", Label: "申请撤案", From: is(Filed, handling.Handling), To: is(RevokeAsked),
			Who: []workflow.Party{matter.FirstAuthor}, Input: AskRevokeInput{}, Audience: workflow.Everyone,
		},
		{Action: "revoke", Label: "同意撤案", From: is(RevokeAsked), To: is(Revoked), Who: decides, Input: RevokeInput{}, Audience: workflow.Everyone},
		{Action: "keep", Label: "不同意撤案", From: is(RevokeAsked), To: is(Filed, handling.Handling), Who: decides, Input: KeepInput{}, Audience: workflow.Everyone},
	}
}

// translationRules are how a filed proposal is put into the other language of the
// place, before it is handed over.
func translationRules(office []workflow.Party) []workflow.Rule {
	translators := append([]workflow.Party{member.Translator}, office...)
	return []workflow.Rule{
		{Action: "translate", Label: "送翻译", From: is(Filed), To: is(Translating), Who: office, Input: TranslateInput{}, Bulk: true},
		{Action: "hand_translation", Label: "提交译文", From: is(Translating), To: is(TranslationDone), Who: translators, Input: TranslationInput{}, Usual: true},
		{Action: "pass_translation", Label: "译文校对通过", From: is(TranslationDone), To: is(Filed), Who: office, Input: PassTranslationInput{}, Usual: true},
		{Action: "redo_translation", Label: "退回重译", From: is(TranslationDone), To: is(Translating), Who: office, Input: RedoTranslationInput{}},
		{Action: "skip_translation", Label: "不再翻译", From: is(Translating), To: is(Filed), Who: office, Input: SkipTranslationInput{}},
	}
}

// upperRules are the little flow of a higher body's collection: 征集, 筛选, 提交. It
// has none of the county's numbers, and does not count in its funnel. What comes back
// from a parent that is here is booked by the system, all else by the office.
func upperRules(office []workflow.Party) []workflow.Rule {
	return []workflow.Rule{
		{Action: "gather", Label: "列入上级征集", From: is(Submitted), To: is(Gathered), Who: office, Input: GatherInput{}, Audience: workflow.Everyone},
		{Action: "take_in", Label: "转为本级提案", From: is(Gathered), To: is(Submitted), Who: office, Input: TakeInInput{}, Audience: workflow.Everyone},
		{Action: "choose", Label: "入选", From: is(Gathered), To: is(Chosen), Who: office, Input: ChooseInput{}, Usual: true, Audience: workflow.Everyone, Bulk: true},
		{Action: "pass_over", Label: "未入选", From: is(Gathered), To: is(NotChosen), Who: office, Input: PassOverInput{}, Audience: workflow.Everyone, Bulk: true},
		{Action: "hand_up", Label: "提交上级", From: is(Chosen), To: is(HandedUp), Who: office, Input: HandUpInput{}, Usual: true, Audience: workflow.Everyone, Bulk: true},
		{Action: "conclude", Label: "登记上级答复", From: is(HandedUp), To: is(UpperDone), Who: office, Input: ConcludeInput{}, Usual: true, Audience: workflow.Everyone},
		{Action: "refuse_above", Label: "登记上级没有立案", From: is(HandedUp), To: is(UpperNotFiled), Who: office, Input: RefuseAboveInput{}, Audience: workflow.Everyone},
		{Action: answeredAbove, Label: "上级已答复", From: is(HandedUp), To: is(UpperDone), Silent: true},
		{Action: refusedAbove, Label: "上级没有立案", From: is(HandedUp), To: is(UpperNotFiled), Silent: true},
		{Action: "book_upper", Label: "登记上级编号和表彰", From: is(HandedUp, UpperDone), Who: office, Input: BookUpperInput{}, Audience: workflow.Everyone, Bulk: true},
	}
}

// markRules are what is noted of a filed proposal beside its way: 重点, 督办, 优秀,
// publication, and a second look at what was promised.
func markRules(office []workflow.Party) []workflow.Rule {
	leads := append(slices.Clone(office), member.Leader)
	answered := is(handling.Replied, handling.Unsatisfied, handling.Closed)
	return []workflow.Rule{
		{Action: "nominate_key", Label: "提名重点提案", From: filed(), Who: office, Input: NominateInput{}, Bulk: true},
		{Action: "approve_key", Label: "确定为重点提案", From: filed(), Who: office, Input: ApproveKeyInput{}, Audience: workflow.Everyone, Bulk: true},
		{Action: "supervise", Label: "安排督办", From: filed(), Who: office, Input: SuperviseInput{}, Bulk: true},
		{Action: "report_supervision", Label: "登记督办情况", From: append(filed(), handling.Closed), Who: leads, Input: SupervisionReportInput{}, Audience: workflow.Everyone},
		{Action: "nominate_excellent", Label: "推荐优秀提案", From: answered, Who: office, Input: NominateInput{}, Bulk: true},
		{Action: "review_excellent", Label: "优秀提案评审通过", From: answered, Who: office, Input: ReviewExcellentInput{}, Bulk: true},
		{Action: "publish_excellent", Label: "公布优秀提案", From: answered, Who: office, Input: PublishExcellentInput{}, Audience: workflow.Everyone, Bulk: true},
		{Action: "publish", Label: "公开", From: append(filed(), handling.Closed), Who: office, Input: PublishInput{}, Audience: workflow.Everyone, Bulk: true},
		{Action: "unpublish", Label: "取消公开", From: append(filed(), handling.Closed), Who: office, Input: UnpublishInput{}},
	}
}
