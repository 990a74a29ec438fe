package api_test

import (
	"fmt"
	"slices"
	"strings"

	"yanlu/internal/app/apptest"
)

// Leads of which there is something to tell.
const (
	leadOfExtension = 7
	leadOfObjection = 10
	lateOne         = 8  // its unit answers on paper, three days late
	dissatisfied    = 60 // was merged into a lead whose own sponsor is content
)

// unrated are leads whose first sponsors, on the app, never said what they think of the
// answer.
var unrated = []int{16, 18, 24}

// onApp tells whether a unit has people on the app.
func onApp(unit string) bool { return unit != healthUnit && unit != forestUnit }

// finishWhatBecameOthers: staff take up what was converted. The reports are registered
// with all others; the suggestions go to their units, which answer quickly.
func (y *countyYear) finishWhatBecameOthers() {
	y.T.Helper()
	y.register()
	var ids, categories []string
	eachOf(y.county, apptest.Staff, "/v1/suggestions?status=SUBMITTED", func(l struct{ ID, Category string }) {
		ids, categories = append(ids, l.ID), append(categories, l.Category)
	})
	y.bulk(apptest.Staff, suggestions, "accept", ids, func(i int) map[string]any {
		return map[string]any{"route": "DIRECT_UNIT", "lead_unit_id": y.unitID[unitOf(categories[i])]}
	})
	y.bulk(apptest.Staff, suggestions, "dispatch", ids, all(nil))
	y.signForAll()
	sign := [][]string{{"编号", "承办单位", "经办人", "联系电话", "纸件署名", "纸件日期"}}
	reply := [][]string{{"编号", "承办单位", "办理结果", "答复内容", "联系人", "联系电话", "沟通方式", "纸件日期"}}
	pass := [][]string{{"编号", "承办单位"}}
	for _, id := range ids {
		d := y.see(apptest.Staff, suggestions, id)
		unit := d.lead().Unit
		if pass = append(pass, []string{d.Number, unit}); onApp(unit) {
			letter := letterBody(0)
			delete(letter, "signer")
			delete(letter, "version")
			y.handle(d.lead(), "", "reply", letter)
			continue
		}
		sign = append(sign, []string{d.Number, unit, "白经办", "0991-5550101", "白经办", "2026-03-25"})
		reply = append(reply, []string{d.Number, unit, "A", "已经办理。", "白经办", "0991-5550101", "电话", "2026-03-25"})
	}
	y.run("/v1/assignments/sheets/sign_for", sign...)
	y.run("/v1/assignments/sheets/reply", reply...)
	y.run("/v1/assignments/sheets/pass", pass...)
}

// askAboutSuggestions: who is not on the app is called, and says what they think.
func (y *countyYear) askAboutSuggestions() {
	y.T.Helper()
	rows := [][]string{{"编号", "办理态度", "办理结果", "纸件日期", "记录方式"}}
	eachOf(y.county, apptest.Staff, "/v1/suggestions?status=REPLIED", func(l struct{ Number string }) {
		rows = append(rows, []string{l.Number, "满意", "满意", "2026-04-01", "电话"})
	})
	y.run("/v1/suggestions/sheets/rate", rows...)
}

// giveOpinions: the co-units say what they think, half of them on paper, and the units
// of the 重点提案 speak with the sponsors.
func (y *countyYear) giveOpinions() {
	y.T.Helper()
	rows := [][]string{{"编号", "承办单位", "会办意见", "纸件日期"}}
	for _, n := range withCo {
		d := y.see(apptest.Staff, proposals, y.proposal[n])
		co := d.Assignments[slices.IndexFunc(d.Assignments, func(a unitPart) bool { return a.Role == "CO" })]
		if onApp(co.Unit) {
			y.handle(co, "", "give_opinion", map[string]any{"body": "我局配合，今年安排经费。"})
			continue
		}
		rows = append(rows, []string{d.Number, co.Unit, "我局配合。", "2026-04-16"})
	}
	y.run("/v1/assignments/sheets/give_opinion", rows...)
	for _, n := range keys {
		if lead := y.see(apptest.Staff, proposals, y.proposal[n]).lead(); onApp(lead.Unit) {
			y.handle(lead, "", "log_contact", map[string]any{"way": "VISIT", "summary": "到现场听取了提案人的意见。"})
		}
	}
}

// supervise: a leader looks at the five 重点提案 on the spot.
func (y *countyYear) supervise() {
	y.T.Helper()
	for _, n := range keys {
		y.take(apptest.Leader, proposals, y.proposal[n], "report_supervision", map[string]any{"way": "VISIT", "report": "到现场看了，工作已经展开。"})
	}
}

// extend: a hard case is explained beforehand, and gets until the end of August.
func (y *countyYear) extend() {
	y.T.Helper()
	lead := func() unitPart { return y.see(apptest.Staff, proposals, y.proposal[leadOfExtension]).lead() }
	y.handle(lead(), "", "ask_extension", map[string]any{"until": "2026-08-31", "reason": "需要招标，工期两个月。"})
	y.handle(lead(), apptest.ProposalStaff, "grant_extension", nil)
}

// dueInJune are the leads that are answered as they are due, three months after the
// hand-over.
func (y *countyYear) dueInJune() []int { return without(from(0, 28), leadOfExtension, lateOne) }

// ratedInJuly are those whose answers stand: one sponsor is not content yet.
func (y *countyYear) ratedInJuly() []int {
	return append(without(y.dueInJune(), leadOfObjection), lateOne)
}

// outcomeOf is what the units say has come of a lead: all else is solved.
func outcomeOf(n int) string {
	switch n {
	case 3, 9, 17, 30:
		return "B"
	case 13, 21:
		return "C"
	}
	return "A"
}

// answer lets the units that lead, or answer by themselves, send their letters: from
// their telephones, or on paper with a date, which is typed by spreadsheet. The office
// passes all of them.
func (y *countyYear) answer(date string, which ...int) {
	y.T.Helper()
	paper := [][]string{{"编号", "承办单位", "办理结果", "答复内容", "联系人", "联系电话", "沟通方式", "签发人", "纸件日期"}}
	pass := [][]string{{"编号", "承办单位"}}
	for _, n := range which {
		d := y.see(apptest.Staff, proposals, y.proposal[n])
		for _, a := range d.Assignments {
			if a.Status != "SIGNED" || a.Role == "CO" {
				continue
			}
			if pass = append(pass, []string{d.Number, a.Unit}); onApp(a.Unit) {
				y.handle(a, "", "reply_by_letter", letterFor(n, d))
				continue
			}
			paper = append(paper, []string{d.Number, a.Unit, outcomeOf(n), "经研究，答复如下：已列入今年计划。", "白经办", "0991-5550101", "电话", "马建设", date})
		}
	}
	y.run("/v1/assignments/sheets/reply_by_letter", paper...)
	y.run("/v1/assignments/sheets/pass", pass...)
}

// letterFor is the letter to a lead. Of two leads each original gets words of its own;
// for the others one answer serves all.
func letterFor(n int, d dossier) map[string]any {
	letter := letterBody(0)
	delete(letter, "version")
	letter["outcome"] = outcomeOf(n)
	if n < 2 {
		var originals []any
		for _, o := range d.MergedIn {
			originals = append(originals, map[string]any{"matter_id": o.ID, "body": "您提出的这一点，已经一并落实。"})
		}
		letter["originals"] = originals
	}
	return letter
}

// grades are what the first sponsor of the n-th says, in words for a spreadsheet too.
func grades(n int) (attitude, result string) {
	attitude, result = "SATISFIED", "SATISFIED"
	if n%11 == 5 {
		attitude = "BASICALLY"
	}
	if n%9 == 4 {
		result = "BASICALLY"
	}
	return attitude, result
}

var gradeWords = strings.NewReplacer("SATISFIED", "满意", "BASICALLY", "基本满意")

// rate lets the first sponsor of each lead and of each that was merged into it fill in
// an opinion form (征询意见表): on the telephone, or asked by a call of the date.
func (y *countyYear) rate(date string, groups ...int) {
	y.T.Helper()
	heading := []string{"编号或标题", "办理态度", "办理结果", "意见", "纸件日期", "记录方式"}
	calls := map[string][][]string{"rate": {heading}, "rate_original": {heading}}
	for _, n := range without(y.withOriginals(groups), append(unrated, dissatisfied)...) {
		action, called := "rate_original", y.see(apptest.Staff, proposals, y.proposal[n]).Title
		if n < leads {
			action, called = "rate", y.see(apptest.Staff, proposals, y.proposal[n]).Number
		}
		attitude, result := grades(n)
		if onPhone(n) {
			y.take(authorOf(n), proposals, y.proposal[n], action, map[string]any{"attitude": attitude, "result": result})
			continue
		}
		calls[action] = append(calls[action], []string{called, gradeWords.Replace(attitude), gradeWords.Replace(result), "电话征询", date, "电话"})
	}
	for action, rows := range calls {
		if len(rows) > 1 {
			y.run("/v1/proposals/sheets/"+action, rows...)
		}
	}
}

// withOriginals are leads, each with what was merged into it.
func (y *countyYear) withOriginals(groups []int) []int {
	every := slices.Clone(groups)
	for _, n := range from(leads, merged) {
		if slices.Contains(groups, leadOf(n)) {
			every = append(every, n)
		}
	}
	return every
}

// objectAndHandleAgain: one answer misses the point. It is handled again by its lead
// unit alone, which signs for it at once.
func (y *countyYear) objectAndHandleAgain() {
	y.T.Helper()
	id := y.proposal[leadOfObjection]
	y.take(authorOf(leadOfObjection), proposals, id, "object", map[string]any{"attitude": "BASICALLY", "reason": "没有回应所提的问题。"})
	y.take(apptest.ProposalStaff, proposals, id, "rehandle", map[string]any{"reason": "请到现场核查后再答复。", "co_unit_ids": []string{}})
	y.handle(y.see(apptest.Staff, proposals, id).lead(), "", "sign_for", signFor(1))
}

// upholdAgainstAnOriginal: the sponsor of one that was merged is not content with the
// answer; staff look at it, and let it stand.
func (y *countyYear) upholdAgainstAnOriginal() {
	y.T.Helper()
	lead := y.proposal[leadOf(dissatisfied)]
	y.take(authorOf(dissatisfied), proposals, y.proposal[dissatisfied], "rate_original", map[string]any{"attitude": "BASICALLY", "result": "DISSATISFIED", "comment": "希望今年就办。"})
	if got := y.see(apptest.Staff, proposals, lead).Status; got != "UNSATISFIED" {
		y.T.Errorf("the lead is %s", got)
	}
	y.take(apptest.ProposalStaff, proposals, lead, "uphold", map[string]any{"reason": "已列入明年计划，维持原答复。"})
}

// chooseForAbove: of the six for each body above, five are chosen.
func (y *countyYear) chooseForAbove() {
	y.T.Helper()
	for _, ids := range y.above {
		y.bulk(apptest.ProposalStaff, proposals, "choose", ids[:5], all(map[string]any{"meeting": chairs, "met_on": "2026-03-24"}))
		y.bulk(apptest.ProposalStaff, proposals, "pass_over", ids[5:], all(map[string]any{"meeting": chairs, "met_on": "2026-03-24", "reason": "名额有限。"}))
	}
}

// handUpToBodies: both use other systems; the numbers that they give come later.
func (y *countyYear) handUpToBodies() {
	y.T.Helper()
	for body, ids := range y.above {
		y.bulk(apptest.ProposalStaff, proposals, "hand_up", ids[:5], all(nil))
		y.bulk(apptest.ProposalStaff, proposals, "book_upper", ids[:5], func(i int) map[string]any {
			return map[string]any{"number": fmt.Sprintf("%s第%d号", body, 120+i)}
		})
	}
}

func (y *countyYear) bookAnswersFromAbove() {
	y.T.Helper()
	for _, ids := range y.above {
		for _, id := range ids[:5] {
			y.take(apptest.Staff, proposals, id, "conclude", map[string]any{"answer": "已采纳，列入明年工作计划。"})
		}
	}
}

// honour: of three that were nominated, one is found excellent; so is one above.
func (y *countyYear) honour() {
	y.T.Helper()
	y.bulk(apptest.Staff, proposals, "nominate_excellent", y.ids(0, 3, 17), all(nil))
	y.bulk(apptest.Staff, proposals, "review_excellent", y.ids(0), all(map[string]any{"meeting": "优秀提案评审会"}))
	y.bulk(apptest.Staff, proposals, "publish_excellent", y.ids(0), all(nil))
	y.take(apptest.Staff, proposals, y.above[regionBody][2], "book_upper", map[string]any{"award": "被评为优秀提案"})
}

// lookAgain: what was being solved last year is looked at. Of four, two are done.
func (y *countyYear) lookAgain() {
	y.T.Helper()
	var open []string
	eachOf(y.county, apptest.ProposalStaff, "/v1/follow-ups?year=2026", func(l struct {
		MatterID string `json:"matter_id"`
	}) {
		open = append(open, l.MatterID)
	})
	for i, id := range open {
		input := map[string]any{"result": "正在施工，今年完成。"}
		if i < 2 {
			input = map[string]any{"result": "已全部建成，现场核实属实。", "outcome": "A"}
		}
		y.take(apptest.ProposalStaff, proposals, id, "follow_up", input)
	}
}
