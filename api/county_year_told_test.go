package api_test

import (
	"fmt"
	"net/http"
	"slices"

	"yanlu/internal/app/apptest"
)

// numberedWithoutGap holds that the numbers of a row run from 1 to the last.
func (y *countyYear) numberedWithoutGap(format string, numbers []string, last int) {
	y.T.Helper()
	for i := range last {
		if want := fmt.Sprintf(format, i+1); !slices.Contains(numbers, want) {
			y.T.Errorf("nothing is %s", want)
		}
	}
	if len(numbers) != last {
		y.T.Errorf("%d have numbers, want %d", len(numbers), last)
	}
}

// numbersHaveNoGap: the catalogue of the session and the rows of the reports and of
// their issues.
func (y *countyYear) numbersHaveNoGap() {
	y.T.Helper()
	var catalogue, registered, issues []string
	collect := func(to *[]string, number string) {
		if number != "" {
			*to = append(*to, number)
		}
	}
	for _, d := range y.everyDossier(proposals) {
		collect(&catalogue, d.Number)
	}
	for _, d := range y.everyDossier(opinions) {
		collect(&registered, d.Number)
		collect(&issues, d.IssueNo)
	}
	y.numberedWithoutGap("十一届三次会议第%d号", catalogue, 32)
	y.numberedWithoutGap("社情民意〔2026〕%d号", registered, 33)
	y.numberedWithoutGap("2026年第%d期", issues, 21)
}

// decisions are the titles of what authors must learn, of which each is told where it
// holds and nowhere else.
var decisions = map[string][]string{
	proposals: {
		"您的提案已立案", "您的提案没有立案", "您的提案有答复了", "您的提案已撤案", "您的提案这次没有入选", "您的提案已入选", "您的提案已合并办理",
		"您的提案已提交" + cityBody, "您的提案已提交" + regionBody,
	},
	opinions: {"您的社情民意已登记", "您的社情民意已留存", "您的社情民意已合并办理", "您的社情民意已报送", "您的社情民意被采用了", "您的社情民意获批示", "您的社情民意有答复了", "您的社情民意已办结"},
}

// holds is how often a title is to be told of a matter: to an author of its own, or to
// one who came to it with what was merged. Each original has its own answer, and a new
// one for each round.
func (d dossier) holds(title string, merged bool, lead dossier) int {
	once := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	switch title {
	case "您的提案已立案":
		return once(d.Number != "" && d.Upper == nil)
	case "您的提案没有立案":
		return once(d.Ground != "")
	case "您的提案有答复了":
		if merged {
			return 0
		}
		return d.answers() + lead.answers() + once(d.Status == "UPPER_DONE")
	case "您的提案已撤案":
		return once(d.Status == "REVOKED")
	case "您的提案这次没有入选":
		return once(d.Status == "NOT_CHOSEN")
	case "您的提案已入选":
		return once(d.Status == "UPPER_DONE")
	case "您的提案已提交" + cityBody, "您的提案已提交" + regionBody:
		return once(d.Status == "UPPER_DONE" && title == "您的提案已提交"+d.Upper.Body)
	case "您的提案已合并办理", "您的社情民意已合并办理":
		return once(d.Status == "MERGED")
	case "您的社情民意已登记":
		return once(d.Number != "" && !merged) // what was merged was registered by itself
	case "您的社情民意已留存":
		return once(d.Status == "KEPT_ON_FILE")
	case "您的社情民意已报送":
		return once(len(d.Dispatches) > 0)
	case "您的社情民意被采用了":
		return len(d.Adoptions)
	case "您的社情民意获批示":
		return len(d.Instructions)
	case "您的社情民意有答复了":
		return d.answers()
	}
	return once(len(d.Dispatches) > 0 && len(d.Replies) == 0) // 已办结
}

// answers counts how often a matter was answered.
func (d dossier) answers() (n int) {
	for _, e := range d.Timeline {
		if e.Action == "settle" {
			n++
		}
	}
	return n
}

// everybodyWasToldTheTruth: whoever is an author of anything learned of it what holds,
// in the inbox or by a call, and nothing that does not; who declined learned nothing.
func (y *countyYear) everybodyWasToldTheTruth() {
	y.T.Helper()
	k, told := y.learned(), 0
	for _, base := range []string{proposals, opinions} {
		every := y.everyDossier(base)
		by := map[string]dossier{}
		for _, d := range every {
			by[d.ID] = d
		}
		for _, d := range every {
			for _, a := range d.Authors {
				for _, title := range decisions[base] {
					want := 0
					if a.Consent == "GIVEN" {
						want = d.holds(title, a.Merged, by[d.MergedInto])
					}
					told += y.knows(k, a.Name+d.ID+title, want)
				}
			}
			if d.Became != nil {
				label := map[string]string{"suggestion": "微建议", "opinion": "社情民意"}[d.Became.Kind]
				told += y.knows(k, d.Authors[0].Name+d.Became.ID+"您的提案已转为"+label, 1)
			}
		}
	}
	if told < 400 {
		y.T.Errorf("%d things were told", told)
	}
}

// knows holds how often something was told, by the inbox or by calls and not by both,
// and returns it.
func (y *countyYear) knows(k knowledge, what string, want int) int {
	y.T.Helper()
	inbox, called := k.inbox[what], k.calls[what]
	if inbox+called != want || inbox > 0 && called > 0 {
		y.T.Errorf("%s: %d times in the inbox, called %d times, want %d", what, inbox, called, want)
	}
	return want
}

// membersReadWhatHolds: each first author on the app reads where their own stands, as
// the office does, with a way that begins when it was handed in, and nobody's name.
func (y *countyYear) membersReadWhatHolds() {
	y.T.Helper()
	for _, base := range []string{proposals, opinions} {
		for _, d := range y.everyDossier(base) {
			name := d.Authors[0].Name
			if !slices.Contains(memberNames[:membersOnApp], name) {
				continue
			}
			var own struct {
				state
				Timeline []struct{ Action, Actor string }
			}
			y.Get(name, base+d.ID).Into(y.T, http.StatusOK, &own)
			if own.Status != d.Status || own.Number != d.Number {
				y.T.Errorf("%s reads %s %s, the office %s %s", name, own.Number, own.Status, d.Number, d.Status)
			}
			for i, e := range own.Timeline {
				if i == 0 && !slices.Contains([]string{"submit", "draft"}, e.Action) || e.Actor != "" {
					y.T.Errorf("%s reads as the %d. line of %s: %+v", name, i+1, d.Number, e)
				}
			}
		}
	}
}

// nothingWaits: at the end nobody is waited for.
func (y *countyYear) nothingWaits() {
	y.T.Helper()
	for _, name := range slices.Concat([]string{apptest.Staff, apptest.ProposalStaff, apptest.Leader}, memberNames[:membersOnApp], handlers[cityUnit], handlers[trafficUnit], handlers[farmUnit]) {
		y.waits(name, 0)
	}
}

// paperIsInTheAudit: whatever staff recorded for others stands in the audit, as often
// and for whom the timelines say.
func (y *countyYear) paperIsInTheAudit() {
	y.T.Helper()
	recorded := 0
	for _, base := range []string{proposals, opinions, suggestions} {
		for _, d := range y.everyDossier(base) {
			for _, e := range d.Timeline {
				if e.Way != "" && !(e.Action == "submit" && d.Origin != nil) {
					recorded++
				}
			}
		}
	}
	entries := 0
	eachOf(y.county, apptest.Leader, "/v1/audit?", func(e struct{ For, Person string }) {
		if e.For != "" {
			entries++
		}
	})
	if entries != recorded || recorded < 100 {
		y.T.Errorf("%d acts were recorded for others, and %d are in the audit", recorded, entries)
	}
}
