package api_test

import (
	"net/http"
	"slices"

	"yanlu/internal/app/apptest"
)

// How the 27 reports that are handed in are numbered in the story; six more come from
// proposals that were converted.
const (
	urgentReport     = 0 // the city follows it to the end
	verifiedReport   = 6
	withdrawnReport  = 26
	instructedReport = 20 // as the urgent one
)

var (
	// composites are reports that take in others (综合).
	composites = map[int][]int{2: {3, 4, 5}, 15: {16, 17, 18}, 20: {21, 22}}
	// keptReports are kept on file; so is one that was a proposal.
	keptReports = []int{8, 23}
	// adopted are those that the city took up.
	adopted = []int{0, 1, 2, 6, 15, 20}
	// scannedReports come on paper one by one.
	scannedReports = []int{1, 3, 15, 17}
)

// receiveReports takes in reports of the story: every other on paper, most of those by
// a spreadsheet. What is urgent is registered the same hour.
func (y *countyYear) receiveReports(first, end int) {
	y.T.Helper()
	date := y.Clock.Now().AddDate(0, 0, -4).Format("2006-01-02")
	rows := [][]string{{"提出人", "标题", "情况", "分析", "建议", "类别", "纸件日期"}}
	var typed []int
	for k := first; k < end; k++ {
		title := titled("反映%s的情况", k)
		text := report(title, map[string]any{"category": remits[k%5].category})
		switch {
		case onPhone(k) && k == urgentReport:
			text["urgency"] = "URGENT"
			y.handIn(k, authorOf(k), text)
			y.take(apptest.Staff, opinions, y.report[k], "register", nil)
		case onPhone(k):
			y.handIn(k, authorOf(k), text)
		case slices.Contains(scannedReports, k):
			text["paper"] = y.paperOf(authorOf(k), date, y.scanned(apptest.Staff)...)
			y.handIn(k, apptest.Staff, text)
		default:
			rows = append(rows, []string{authorOf(k), title, text["situation"].(string), text["analysis"].(string), text["advice"].(string), remits[k%5].word, date})
			typed = append(typed, k)
		}
	}
	for i, id := range y.run("/v1/opinions/sheets/submit", rows...) {
		y.report[typed[i]] = id
	}
}

// handIn hands the k-th report in.
func (y *countyYear) handIn(k int, name string, text map[string]any) {
	y.T.Helper()
	var s state
	y.Post(name, "/v1/opinions", text).Into(y.T, http.StatusCreated, &s)
	y.report[k] = s.ID
}

// reportsIn lists the reports in some states.
func (y *countyYear) reportsIn(statuses ...string) []string {
	y.T.Helper()
	var ids []string
	for _, status := range statuses {
		eachOf(y.county, apptest.Staff, "/v1/opinions?status="+status, func(l struct{ ID string }) { ids = append(ids, l.ID) })
	}
	return ids
}

// register registers what waits for it.
func (y *countyYear) register() {
	y.T.Helper()
	y.bulk(apptest.Staff, opinions, "register", y.reportsIn("SUBMITTED"), all(nil))
}

// workOnReports brings what has come to those whom it is for: registered, sorted out,
// edited where several are one, signed by the leader on the telephone in spring and on
// paper in autumn, and reported to the city.
func (y *countyYear) workOnReports(day string) {
	y.T.Helper()
	y.register()
	for head, others := range composites {
		if _, here := y.report[head]; !here || y.see(apptest.Staff, opinions, y.report[head]).Status != "REGISTERED" {
			continue
		}
		for _, k := range others {
			y.take(apptest.Staff, opinions, y.report[k], "merge", map[string]any{"target_id": y.report[head]})
		}
		y.take(apptest.Staff, opinions, y.report[head], "edit", edited(map[string]any{"title": titled("综合反映%s等问题", head), "issue_type": "COMPOSITE"}))
	}
	y.sortOut()
	ids := y.reportsIn("REGISTERED", "EDITING")
	y.bulk(apptest.Staff, opinions, "send_for_sign", ids, all(nil))
	y.signOff(day)
	y.bulk(apptest.Staff, opinions, "report", ids, all(map[string]any{"organ": cityBody + "办公室", "level": "PREFECTURE", "date": day}))
}

// sortOut: one is verified, one withdrawn, and some are kept on file.
func (y *countyYear) sortOut() {
	y.T.Helper()
	for _, k := range keptReports {
		if id := y.report[k]; slices.Contains(y.reportsIn("REGISTERED"), id) {
			y.take(apptest.Staff, opinions, id, "keep", map[string]any{"reason": "近期已报送过同类情况。"})
		}
	}
	if id := y.report[withdrawnReport]; id != "" {
		y.take(authorOf(withdrawnReport), opinions, id, "withdraw", nil)
		return
	}
	y.take(apptest.Staff, opinions, y.report[verifiedReport], "verify", map[string]any{"points": "请核实涉及几个村。"})
	y.take(apptest.Staff, opinions, y.report[verifiedReport], "record_findings", map[string]any{"findings": "走访三个村，情况属实。"})
	became := y.see(apptest.Staff, proposals, y.proposal[toOpinions[0]]).Became
	y.take(apptest.Staff, opinions, became.ID, "keep", map[string]any{"reason": "情况尚待核实，先留存。"})
}

// signOff: the leader signs, in spring by telephone.
func (y *countyYear) signOff(day string) {
	y.T.Helper()
	ids := y.reportsIn("PENDING_SIGN")
	if y.report[withdrawnReport] == "" {
		y.bulk(apptest.Leader, opinions, "sign", ids, all(map[string]any{"opinion": "同意报送。"}))
		return
	}
	rows := [][]string{{"编号或标题", "审签意见", "纸件日期", "本人"}}
	for _, id := range ids {
		rows = append(rows, []string{y.see(apptest.Staff, opinions, id).Number, "同意报送。", day, apptest.Leader})
	}
	y.run("/v1/opinions/sheets/sign", rows...)
}

// turnOver: a leader of the county wrote on the urgent one, and the office turns it
// over to the unit, which signs for it.
func (y *countyYear) turnOver() {
	y.T.Helper()
	id := y.report[urgentReport]
	y.take(apptest.Staff, opinions, id, "record_instruction", map[string]any{"leader": "县委书记周明德", "rank": "COUNTY", "number": "批〔2026〕7号", "unit_ids": []string{y.unitID[cityUnit]}})
	y.take(apptest.Staff, opinions, id, "dispatch", map[string]any{"lead_unit_id": y.unitID[cityUnit], "requirement": "请按批示办理。"})
	y.handle(y.see(apptest.Staff, opinions, id).lead(), "", "sign_for", signFor(1))
}

// followTheTurnedOver: the unit answers, the office passes it, and the author rates it.
func (y *countyYear) followTheTurnedOver() {
	y.T.Helper()
	id := y.report[urgentReport]
	body := replyBody(0)
	delete(body, "version")
	y.handle(y.see(apptest.Staff, opinions, id).lead(), "", "reply", body)
	y.handle(y.see(apptest.Staff, opinions, id).lead(), apptest.Staff, "pass", nil)
	y.take(authorOf(urgentReport), opinions, id, "rate", map[string]any{"attitude": "SATISFIED", "result": "SATISFIED"})
}

// recordWhatCameOfReports: the city took six up, as its list says; the county's leaders
// got five as well; and one more was written upon.
func (y *countyYear) recordWhatCameOfReports() {
	y.T.Helper()
	adoptions, more := [][]string{{"编号或标题", "采用单位", "层级", "刊物或奖项", "采用日期"}}, [][]string{{"编号或标题", "报送单位", "层级", "报送日期"}}
	for i, k := range adopted {
		number := y.see(apptest.Staff, opinions, y.report[k]).Number
		adoptions = append(adoptions, []string{number, cityBody, "地市", "《社情民意》第12期", "2026-10-15"})
		if i < 5 {
			more = append(more, []string{number, "县委办公室", "县区", "2026-10-16"})
		}
	}
	y.run("/v1/opinions/sheets/record_adoption", adoptions...)
	y.run("/v1/opinions/sheets/report_more", more...)
	y.take(apptest.Staff, opinions, y.report[instructedReport], "record_instruction", map[string]any{"leader": "副县长艾尔肯", "rank": "COUNTY"})
}

// closeReports ends what no unit has to answer, and files all of it away.
func (y *countyYear) closeReports() {
	y.T.Helper()
	y.bulk(apptest.Staff, opinions, "close", y.reportsIn("DISPATCHED"), all(map[string]any{"result": "已报送市政协研究。"}))
	y.bulk(apptest.Staff, opinions, "archive", y.reportsIn("CLOSED"), all(nil))
}
