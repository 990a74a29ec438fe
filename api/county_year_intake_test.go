package api_test

import (
	"fmt"
	"maps"
	"net/http"

	"yanlu/internal/app/apptest"
)

// subjects are what proposals are about, for each of the remits.
var subjects = [][]string{
	{"老旧小区加装电梯", "背街小巷路灯", "城区公共停车位", "社区养老食堂", "雨污分流改造", "口袋公园建设", "无障碍坡道", "农贸市场提升", "夜间施工管理", "公共厕所布局", "物业服务监管"},
	{"城乡公交衔接", "校门口错峰通行", "客运站候车条件", "县道安全护栏", "电动自行车充电", "货车限行线路", "村道会车点", "交通信号配时", "冬季道路除冰", "网约车管理"},
	{"农田高效节水", "林果保鲜库", "牲畜疫病防控", "农机手培训", "撂荒地整治", "农产品电商", "设施大棚补贴", "土壤改良", "种业园区", "村级水管员待遇"},
	{"村卫生室药品", "慢性病用药报销", "乡镇急救站点", "儿童口腔保健", "老年人体检", "中医民族医服务", "心理健康热线", "家庭医生签约", "远程会诊", "疾控实验室"},
	{"河道垃圾清理", "防护林更新", "餐饮油烟治理", "秸秆综合利用", "沙化草场恢复", "湿地保护", "建筑扬尘治理", "生活垃圾分类", "饮用水源保护", "城市绿道"},
}

// How the 115 are numbered in the story: 51 lead their groups, of which the first 31
// are filed and answered and one more is filed and then revoked; 50 are merged into
// them; 14 are screened out before.
const (
	leads      = 51
	answered31 = 31 // 0 to 30
	revoked    = 31
	merged     = 101 // from 51 up to it
	received   = 115
)

// interims are those of the leads that come after the plenary.
func interims() []int { return from(28, answered31) }

// leadOf is the lead of the group that a merged one goes to: twenty groups take in
// two, eight one, and so do two of those that are not filed.
func leadOf(n int) int {
	switch k := n - leads; {
	case k < 40:
		return k / 2
	case k < 48:
		return k - 20
	default:
		return k - 16
	}
}

// subjectOf is what the n-th is about: what is merged is about what its lead is.
func subjectOf(n int) (title, category string) {
	switch {
	case n < leads:
		return titled("关于%s的建议", n), remits[n%len(remits)].category
	case n < merged:
		of := leadOf(n)
		return titled(fmt.Sprintf("关于重视%%s的建议（%d）", n-leads+1), of), remits[of%len(remits)].category
	default:
		return titled("关于研究%s的建议", n), remits[n%len(remits)].category
	}
}

// The co-signers: who is invited on telephones, and stands on papers.
var (
	invitedBefore, invitedAfter = 4, 6 // before it was handed in, and then
	coOnPaper                   = map[int]string{7: "皇甫静、帕提古丽·司马义", 9: "阿依古丽·热合曼；木合塔尔·吾斯曼", 11: "欧阳𠮷，公孙策"}
)

// collectives hand in under their seals: two on a telephone, three on paper.
var collectives = map[int][2]string{0: {"SECTOR", "农业界"}, 2: {"PARTY", "民盟言城县支部"}, 1: {"COMMITTEE", "言城县政协提案委员会"}, 3: {"PANEL", "第一联络组"}, 5: {"GROUP", "言城县妇联"}}

// scannedPapers come one by one, with their scans.
var scannedPapers = []int{51, 53, 55, 57}

// receiveProposals: half by telephone until the plenary ends; the papers of those days
// are typed on its last day, most of them by a spreadsheet.
func (y *countyYear) receiveProposals() {
	y.T.Helper()
	y.on(3, 18)
	early := without(from(0, received), interims()...)
	for _, n := range early {
		if onPhone(n) {
			y.propose(n)
		}
	}
	y.on(3, 19)
	rows := [][]string{{"提出人", "案由", "类别", "联名人", "情况", "分析", "建议", "纸件日期"}}
	var typed []int
	for _, n := range early {
		if onPhone(n) {
			continue
		}
		if _, collective := collectives[n]; collective || n >= scannedPapers[0] && n <= scannedPapers[3] {
			y.propose(n)
			continue
		}
		text := y.words(n)
		rows = append(rows, []string{authorOf(n), text["title"].(string), remitOf(text["category"].(string)).word, coOnPaper[n], text["situation"].(string), text["analysis"].(string), text["advice"].(string), dateOf(n)})
		typed = append(typed, n)
	}
	for i, id := range y.run("/v1/proposals/sheets/submit", rows...) {
		y.proposal[typed[i]] = id
	}
	y.proposeAbove()
}

// remitOf finds the remit of a category.
func remitOf(category string) (found struct{ category, word, unit string }) {
	for _, r := range remits {
		if r.category == category {
			return r
		}
	}
	return found
}

// dateOf is the date on the n-th paper.
func dateOf(n int) string { return fmt.Sprintf("2026-03-%02d", 10+n%9) }

// words are the text of the n-th proposal.
func (y *countyYear) words(n int) map[string]any {
	title, category := subjectOf(n)
	return motion(title, map[string]any{"category": category})
}

// propose hands the n-th in by itself: on its author's telephone, or from its paper.
func (y *countyYear) propose(n int) {
	y.T.Helper()
	name, text := authorOf(n), y.words(n)
	if body, ok := collectives[n]; ok {
		text["proposer"], text["body_name"] = body[0], body[1]
	}
	if !onPhone(n) {
		date := dateOf(n)
		if n < leads && n >= interims()[0] {
			date = "2026-05-12"
		}
		text["paper"] = y.paperOf(name, date, y.scanned(apptest.Staff)...)
		name = apptest.Staff
	} else if _, collective := collectives[n]; collective {
		text["seal"] = y.scanned(name)
	}
	switch n {
	case invitedBefore:
		y.inviteFirst(n, text)
		return
	case invitedAfter:
		text["co_author_ids"] = y.members(1, 7)
	}
	var s state
	y.Post(name, "/v1/proposals", text).Into(y.T, http.StatusCreated, &s)
	if y.proposal[n] = s.ID; n == invitedAfter {
		y.signed(n, 1, 7)
	}
}

// inviteFirst: the first sponsor asks others before the proposal is handed in.
func (y *countyYear) inviteFirst(n int, text map[string]any) {
	y.T.Helper()
	text["co_author_ids"] = y.members(0, 5)
	var s state
	y.Post(authorOf(n), "/v1/proposals/drafts", text).Into(y.T, http.StatusCreated, &s)
	y.proposal[n] = s.ID
	invite := maps.Clone(text)
	invite["version"] = s.Version
	s = act(y.World, authorOf(n), proposals+s.ID+"/invite", invite)
	y.signed(n, 0, 5)
	send := maps.Clone(text)
	send["version"] = y.see(authorOf(n), proposals, s.ID).Version
	act(y.World, authorOf(n), proposals+s.ID+"/send", send)
}

// signed: of two who were asked to sign, one does, and one does not want to.
func (y *countyYear) signed(n, agrees, declines int) {
	y.T.Helper()
	for i, action := range map[int]string{agrees: "agree", declines: "decline"} {
		name := memberNames[i]
		act(y.World, name, proposals+y.proposal[n]+"/"+action, map[string]any{"version": y.see(name, proposals, y.proposal[n]).Version})
	}
}

// members are the identifiers of some.
func (y *countyYear) members(which ...int) []string {
	var ids []string
	for _, i := range which {
		ids = append(ids, y.Person(memberNames[i]).ID)
	}
	return ids
}

// proposeAbove: six for each of the bodies above, half on paper. One for the region
// was meant for the county, and staff put it where it belongs.
func (y *countyYear) proposeAbove() {
	y.T.Helper()
	for i := range 12 {
		body := []string{cityBody, regionBody}[i%2]
		name, text := authorOf(i/2), motion(fmt.Sprintf("关于跨县域协作的建议（%d）", i+1), map[string]any{"collection_id": y.window[body]})
		misplaced := i == 11
		if misplaced {
			delete(text, "collection_id")
		}
		if !onPhone(i / 2) {
			text["paper"] = y.paperOf(name, "2026-03-16", y.scanned(apptest.Staff)...)
			name = apptest.Staff
		}
		var s state
		y.Post(name, "/v1/proposals", text).Into(y.T, http.StatusCreated, &s)
		if misplaced {
			y.take(apptest.Staff, proposals, s.ID, "gather", map[string]any{"collection_id": y.window[body]})
		}
		y.above[body] = append(y.above[body], s.ID)
	}
}
