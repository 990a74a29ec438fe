package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"yanlu/internal/app/apptest"
)

// What becomes of those that are screened out.
var (
	withdrawn     = from(101, 106)
	toSuggestions = from(106, 111)
	toOpinions    = from(111, received)
)

// screen: staff look at what has come. One goes back to be mended; some are withdrawn
// by their sponsors, on the telephone or on paper, and some are of another kind.
func (y *countyYear) screen() {
	y.T.Helper()
	rows := [][]string{{"编号或标题", "纸件日期"}}
	for _, n := range withdrawn {
		if onPhone(n) {
			y.take(authorOf(n), proposals, y.proposal[n], "withdraw", nil)
			continue
		}
		title, _ := subjectOf(n)
		rows = append(rows, []string{title, "2026-03-20"})
	}
	y.run("/v1/proposals/sheets/withdraw", rows...)
	for _, n := range toSuggestions {
		y.take(apptest.Staff, proposals, y.proposal[n], "convert", map[string]any{"kind": "suggestion", "reason": "一事一地，作为微建议办得更快。"})
	}
	for _, n := range toOpinions {
		y.take(apptest.ProposalStaff, proposals, y.proposal[n], "convert", map[string]any{"kind": "opinion", "reason": "宜作为情况反映。"})
	}
	for _, n := range from(0, 6) {
		y.take(apptest.ProposalStaff, proposals, y.proposal[n], "pre_review", map[string]any{"decision": "FILE", "lead_unit_id": y.unitID[remits[n%5].unit]})
	}
	y.take(apptest.Staff, proposals, y.proposal[8], "return", map[string]any{"reason": "请把具体建议再写细一些。"})
	text := y.words(8)
	text["advice"] = "建议由交通运输局牵头，九月底前设置减速带和警示灯，年底由提案委回访。"
	y.take(authorOf(8), proposals, y.proposal[8], "send", text)
}

// merge: fifty go to the leads of their groups, and the title of one lead is rewritten
// for what it took in.
func (y *countyYear) merge() {
	y.T.Helper()
	for _, n := range from(leads, merged) {
		y.take(apptest.Staff, proposals, y.proposal[n], "merge", map[string]any{"target_id": y.proposal[leadOf(n)], "note": "建议的是同一件事。"})
	}
	y.take(apptest.Staff, proposals, y.proposal[0], "retitle", map[string]any{"title": "关于老旧小区加装电梯和维护的建议", "reason": "并入两件。"})
}

// filed lists those that the meeting files, with the one that is revoked later.
func (y *countyYear) filed() []int { return append(from(0, 28), revoked) }

// How the units share the work, by the lead: with the next unit as a co-unit, or each
// for itself; the others are one unit's alone.
var (
	withCo     = []int{1, 2, 3, 10, 11, 23}
	separately = []int{4, 5, 12}
)

// unitsOf are the units of a lead: its own and the next.
func (y *countyYear) unitsOf(n int) (lead, next string) {
	return y.unitID[remits[n%5].unit], y.unitID[remits[(n+1)%5].unit]
}

// fileInput files a lead and proposes its units.
func (y *countyYear) fileInput(n int) map[string]any {
	lead, next := y.unitsOf(n)
	input := map[string]any{"lead_unit_id": lead}
	if slices.Contains(withCo, n) {
		input["co_unit_ids"] = []string{next}
	}
	return input
}

// decideTheList: the meeting of the day files 29 and does not file 19, on six of the
// ten grounds, for each with where its content may go; two of them go on as 社情民意.
// Five are made 重点提案.
func (y *countyYear) decideTheList() {
	y.T.Helper()
	met := map[string]any{"meeting": chairs, "met_on": "2026-03-24"}
	filed := y.filed()
	y.bulk(apptest.ProposalStaff, proposals, "file", y.ids(filed...), func(i int) map[string]any {
		input := y.fileInput(filed[i])
		maps.Copy(input, met)
		return input
	})
	grounds := []map[string]any{
		{"ground": "EMPTY", "transfer": "OPINION", "reason": "请补充具体办法。"}, {"ground": "LITIGATION", "transfer": "COURT", "reason": "已在诉讼中。"},
		{"ground": "PERSONAL", "transfer": "DEPARTMENT", "reason": "请向主管部门反映。"}, {"ground": "ACADEMIC", "transfer": "LETTER", "reason": "已转有关单位参考。"},
		{"ground": "PROMOTION", "reason": "不宜作为提案。"},
	}
	byList := from(revoked+1, 42)
	y.bulk(apptest.ProposalStaff, proposals, "not_file", y.ids(byList...), func(i int) map[string]any {
		input := maps.Clone(grounds[i%len(grounds)])
		maps.Copy(input, met)
		return input
	})
	rows := [][]string{{"编号或标题", "理由", "不予立案的情形", "内容的去向", "会议名称", "会议日期"}}
	for _, n := range from(42, leads) {
		title, _ := subjectOf(n)
		rows = append(rows, []string{title, "请向有关机关反映具体情况。", "指名举报", "纪检监察", chairs, "2026-03-24"})
	}
	y.run("/v1/proposals/sheets/not_file", rows...)
	for _, n := range []int{37, 41} { // no concrete advice; of these nothing was merged
		y.take(apptest.Staff, proposals, y.proposal[n], "convert", map[string]any{"kind": "opinion", "reason": "情况真实，作为社情民意反映。"})
	}
	y.bulk(apptest.ProposalStaff, proposals, "nominate_key", y.ids(keys...), all(map[string]any{"note": "事关全县。"}))
	y.bulk(apptest.ProposalStaff, proposals, "approve_key", y.ids(keys...), all(map[string]any{"meeting": chairs, "met_on": "2026-03-24", "way": "VISIT", "leader": apptest.Leader}))
}

// keys are the five 重点提案.
var keys = []int{0, 1, 2, 13, 24}

// numberTheProposals: in the order of the catalogue, by category, from 第1号 on.
func (y *countyYear) numberTheProposals() {
	y.T.Helper()
	order := slices.Clone(y.filed())
	slices.SortStableFunc(order, func(a, b int) int { return a%5 - b%5 })
	var v struct{ Items []struct{ ID, Number string } }
	y.Post(apptest.Staff, "/v1/proposals/numbers", map[string]any{"ids": y.ids(order...), "start": 1}).Into(y.T, http.StatusOK, &v)
	for i, n := range order {
		if want := fmt.Sprintf("十一届三次会议第%d号", i+1); v.Items[i].ID != y.proposal[n] || v.Items[i].Number != want {
			y.T.Errorf("the %d. of the catalogue is %+v", i+1, v.Items[i])
		}
	}
}

// handOver hands leads over at a meeting, in their modes.
func (y *countyYear) handOver(meeting string, which ...int) {
	y.T.Helper()
	y.bulk(apptest.ProposalStaff, proposals, "dispatch", y.ids(which...), func(i int) map[string]any {
		input := map[string]any{"meeting": meeting}
		if n := which[i]; slices.Contains(separately, n) {
			lead, next := y.unitsOf(n)
			input["mode"], input["lead_unit_id"], input["co_unit_ids"] = "SEPARATE", lead, []string{next}
		}
		return input
	})
}

// handedLine is a line of the list of a meeting.
type handedLine struct {
	ID       string `json:"assignment_id"`
	Version  int64
	Unit     string
	Role     string
	Status   string
	MatterID string `json:"matter_id"`
	Number   string
	DueAt    time.Time  `json:"due_at"`
	SignedAt *time.Time `json:"signed_at"`
}

// listOf reads the list of a meeting as somebody.
func (y *countyYear) listOf(name, meeting string) []handedLine {
	y.T.Helper()
	var lines []handedLine
	eachOf(y.county, name, "/v1/handovers?", func(h struct{ ID, Title string }) {
		if h.Title == meeting {
			eachOf(y.county, name, "/v1/handovers/"+h.ID+"?", func(l handedLine) { lines = append(lines, l) })
		}
	})
	return lines
}

// signTheList: each unit signs for its own lines, on a telephone in one go, on paper
// by a spreadsheet of the office.
func (y *countyYear) signTheList(meeting, date string) {
	y.T.Helper()
	for _, unit := range []string{cityUnit, trafficUnit, farmUnit} {
		var items []any
		for _, l := range y.listOf(handlers[unit][0], meeting) {
			if l.Unit != unit {
				y.T.Errorf("%s reads of %s", unit, l.Unit)
			}
			items = append(items, map[string]any{"id": l.ID, "input": signFor(int(l.Version))})
		}
		if len(items) > 0 {
			y.Post(handlers[unit][0], "/v1/assignments/bulk/sign_for", map[string]any{"items": items}).Want(y.T, http.StatusOK)
		}
	}
	rows := [][]string{{"编号", "承办单位", "经办人", "联系电话", "纸件署名", "纸件日期"}}
	for _, l := range y.listOf(apptest.Staff, meeting) {
		if l.Status == "DISPATCHED" {
			rows = append(rows, []string{l.Number, l.Unit, "白经办", "0991-5550101", "白经办", date})
		}
	}
	y.run("/v1/assignments/sheets/sign_for", rows...)
	for _, l := range y.listOf(apptest.Leader, meeting) {
		if l.SignedAt == nil {
			y.T.Errorf("%s has not signed for %s", l.Unit, l.Number)
		}
	}
}

// dispute: a road that is the city's. The office decides, and the city signs.
func (y *countyYear) dispute() {
	y.T.Helper()
	lead := func() unitPart { return y.see(apptest.Staff, proposals, y.proposal[6]).lead() }
	y.handle(lead(), "", "ask_return", map[string]any{"reason": "属市政道路，不在我局职责内。", "better_unit": cityUnit})
	y.handle(lead(), apptest.ProposalStaff, "allow_return", map[string]any{"unit_id": y.unitID[cityUnit]})
	y.handle(lead(), "", "sign_for", signFor(1))
}

// revoke: the sponsor of one wrote that they revoke it, and the office agrees.
func (y *countyYear) revoke() {
	y.T.Helper()
	id := y.proposal[revoked]
	y.take(apptest.Staff, proposals, id, "ask_revoke", map[string]any{"reason": "情况已经变化。", "paper": map[string]any{"date": "2026-04-01"}})
	y.take(apptest.ProposalStaff, proposals, id, "revoke", nil)
}

// takeInterims: three come after the plenary, are filed, and continue the row.
func (y *countyYear) takeInterims() {
	y.T.Helper()
	for _, n := range interims() {
		y.propose(n)
		y.take(apptest.ProposalStaff, proposals, y.proposal[n], "file", y.fileInput(n))
	}
	y.handOver(interim, interims()...)
	y.signTheList(interim, "2026-05-13")
}
