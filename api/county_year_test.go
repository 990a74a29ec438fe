package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/attachment/attachmenttest"
	"yanlu/internal/calendar"
)

// TestAYearOfACounty is the year of a county as its report tells it, through the API
// alone: 115 proposals received, 51 after choosing and merging, 31 filed and all
// answered, five of them 重点提案; five and five for the two bodies above; and 33
// reports of 社情民意, of which 21 went up. Half of everything comes on paper. What
// the API says in the end is held against numbers that were counted by hand
// (county_year_count_test.go).
func TestAYearOfACounty(t *testing.T) {
	t.Parallel()
	y := openTheYear(t)
	y.receiveProposals()

	y.on(time.March, 20)
	y.screen()
	y.merge()
	y.on(time.March, 24)
	y.decideTheList()
	y.numberTheProposals()
	y.chooseForAbove()
	y.on(time.March, 25)
	y.finishWhatBecameOthers()
	y.on(time.March, 26)
	y.handOver(session3, y.filed()...)
	y.signTheList(session3, "2026-03-26")
	y.waits(apptest.Staff, 16)           // ten to hand up, six reports to sort out
	y.waits(handlers[cityUnit][0], 7)    // leads six and has one beside another
	y.waits(handlers[trafficUnit][0], 9) // seven, one beside another, one to help with
	y.waits(handlers[farmUnit][0], 8)    // six, and two to help with
	y.on(time.March, 30)
	y.dispute()
	y.on(time.April, 2)
	y.revoke()
	y.askAboutSuggestions()

	y.on(time.April, 7)
	y.receiveReports(0, 14)
	y.workOnReports("2026-04-07")
	y.on(time.April, 8)
	y.handUpToBodies()
	y.on(time.April, 20)
	y.turnOver()
	y.giveOpinions()
	y.call()
	y.on(time.May, 6)
	y.followTheTurnedOver()
	y.on(time.May, 13)
	y.takeInterims()
	y.on(time.May, 20)
	y.supervise()
	y.on(time.June, 8)
	y.extend()
	y.on(time.June, 18)
	y.answer("2026-06-16", y.dueInJune()...)
	y.on(time.June, 30)
	y.answer("2026-06-29", lateOne)
	y.on(time.July, 2)
	y.rate("2026-07-01", y.ratedInJuly()...)
	y.objectAndHandleAgain()
	y.on(time.July, 20)
	y.answer("2026-07-15", leadOfExtension, leadOfObjection, 28, 29, 30)
	y.on(time.July, 21)
	y.rate("2026-07-20", leadOfExtension, leadOfObjection, 28, 29, 30)
	y.upholdAgainstAnOriginal()
	y.on(time.August, 20) // what nobody has rated is over
	y.call()

	y.on(time.September, 8)
	y.receiveReports(14, 27)
	y.workOnReports("2026-09-08")
	y.on(time.September, 10)
	y.bookAnswersFromAbove()
	y.on(time.October, 20)
	y.recordWhatCameOfReports()
	y.on(time.December, 10)
	y.honour()
	y.closeReports()
	y.on(time.December, 14)
	y.call()
	y.turnTo(calendar.Date(2027, time.January, 12))
	y.lookAgain()
	y.work()

	y.countTheYear()
	y.numbersHaveNoGap()
	y.everybodyWasToldTheTruth()
	y.membersReadWhatHolds()
	y.nothingWaits()
	y.paperIsInTheAudit()
	y.chainIsWhole()
}

// The bodies above, and what the meetings are called.
const (
	cityBody   = "邻州政协"
	regionBody = "自治区政协"

	session3 = "2026年提案交办会"
	interim  = "平时提案交办"
	chairs   = "第20次主席会议"
)

// countyYear is the office of a county in the year of the test. What came in is known
// by its number in the story: id of a proposal, report of a 社情民意.
type countyYear struct {
	*county
	proposal map[int]string
	report   map[int]string
	above    map[string][]string // proposals for a body above
	window   map[string]string   // collections, by whose they are
}

// openTheYear opens the office, with the bodies that propose, and announces what is
// collected.
func openTheYear(t *testing.T) *countyYear {
	t.Helper()
	y := &countyYear{openTheOffice(t, memberNames[:membersOnApp]...), map[int]string{}, map[int]string{}, map[string][]string{}, map[string]string{}}
	y.enrol("UNITS", []string{"单位名称", "类型"}, []string{"民盟言城县支部", "民主党派"}, []string{"言城县妇联", "人民团体"}, []string{"言城县政协提案委员会", "专门委员会"})
	for _, c := range []map[string]any{
		{"session": 3, "opens": "2026-03-17", "deadline": "2026-03-19T18:00:00+08:00"},
		{"body": regionBody, "name": "2026年征集", "begins": "2026-03-01", "deadline": "2026-12-31T18:00:00+08:00"},
	} {
		var made struct {
			ID      string
			Version int64
		}
		y.Post(apptest.Staff, "/v1/collections", c).Into(t, http.StatusCreated, &made)
		y.Post(apptest.Staff, "/v1/collections/"+made.ID+"/announce", map[string]any{"version": made.Version}).Want(t, http.StatusOK)
	}
	var windows struct{ Items []struct{ ID, Body string } }
	y.Get(apptest.Staff, "/v1/collections").Into(t, http.StatusOK, &windows)
	for _, c := range windows.Items {
		y.window[c.Body] = c.ID
	}
	return y
}

// dossier is a matter of any kind as somebody reads it.
type dossier struct {
	docket
	Title, Proposer, Occasion string
	Ground, Transfer          string
	Urgent                    bool
	MergedIn                  []struct{ ID string } `json:"merged_in"`
	Became, Origin            *struct{ ID, Kind string }
	Upper                     *struct{ Body, Number, Answer, Award string }
	Marks                     []struct {
		Honour      string
		ApprovedAt  *time.Time `json:"approved_at"`
		PublishedAt *time.Time `json:"published_at"`
	}
	Supervisions                        []struct{ Report string }
	IssueType                           string `json:"issue_type"`
	IssueNo                             string `json:"issue_no"`
	Dispatches, Adoptions, Instructions []cameOf
}

// cameOf is what came of a report: where it went, who took it up or wrote on it.
type cameOf struct {
	Level     string
	RevokedAt *time.Time `json:"revoked_at"`
}

// see reads a matter as somebody.
func (c *county) see(name, base, id string) dossier {
	c.T.Helper()
	var d dossier
	c.Get(name, base+id).Into(c.T, http.StatusOK, &d)
	return d
}

// take takes an action on a matter as it stands now.
func (c *county) take(name, base, id, action string, input map[string]any) state {
	c.T.Helper()
	body := map[string]any{"version": c.see(apptest.Staff, base, id).Version}
	maps.Copy(body, input)
	return act(c.World, name, base+id+"/"+action, body)
}

// bulk takes an action on a list of matters as the list shows them, with an input for
// each.
func (c *county) bulk(name, base, action string, ids []string, input func(i int) map[string]any) {
	c.T.Helper()
	version := map[string]int64{}
	eachOf(c, apptest.Staff, strings.TrimSuffix(base, "/")+"?", func(l state) { version[l.ID] = l.Version })
	var items []any
	for i, id := range ids {
		body := map[string]any{"version": version[id]}
		maps.Copy(body, input(i))
		items = append(items, map[string]any{"id": id, "input": body})
	}
	c.Post(name, base+"bulk/"+action, map[string]any{"items": items}).Want(c.T, http.StatusOK)
}

// all is an input that is the same for each of a list.
func all(input map[string]any) func(int) map[string]any {
	return func(int) map[string]any { return input }
}

// ids are the proposals of some numbers of the story.
func (y *countyYear) ids(numbers ...int) []string {
	var ids []string
	for _, n := range numbers {
		ids = append(ids, y.proposal[n])
	}
	return ids
}

// from lists the numbers from one up to another, without it.
func from(first, end int) []int {
	var numbers []int
	for n := first; n < end; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

// without is a list without some of it.
func without(numbers []int, not ...int) []int {
	return slices.DeleteFunc(slices.Clone(numbers), func(n int) bool { return slices.Contains(not, n) })
}

// scanned uploads the scan of a paper.
func (c *county) scanned(name string) []string {
	c.T.Helper()
	return []string{c.Uploaded(name, "纸件.png", attachmenttest.PNG(8, 8))}
}

// paperOf is the paper of a member.
func (c *county) paperOf(name, date string, scans ...string) map[string]any {
	paper := map[string]any{"person_id": c.Person(name).ID, "date": date}
	if len(scans) > 0 {
		paper["scans"] = scans
	}
	return paper
}

// onPhone tells whether the n-th of what came in came by telephone: every other.
func onPhone(n int) bool { return n%2 == 0 }

// authorOf is who handed the n-th in: one of those on the app, or one of the others.
func authorOf(n int) string {
	if onPhone(n) {
		return memberNames[n/2%membersOnApp]
	}
	return memberNames[membersOnApp+n/2%(len(memberNames)-membersOnApp)]
}

// titled is what the n-th says, in the words of its subject.
func titled(form string, n int) string {
	of := subjects[n%len(remits)]
	return fmt.Sprintf(form, of[n/len(remits)%len(of)])
}
