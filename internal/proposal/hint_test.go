package proposal_test

import (
	"slices"
	"strings"
	"testing"

	"yanlu/internal/proposal"
)

// whole is a proposal of which the program notices nothing.
func whole() proposal.Unfinished {
	return proposal.Unfinished{
		Title:     "关于改善城乡公交衔接的建议",
		Situation: "城乡公交目前每天只有四班，换乘平均要等一个小时，学生和老人尤其不便，去年有乘客反映三十多次。",
		Analysis:  "主要是两家公司的班次各排各的，没有衔接，换乘站也没有时刻表。",
		Advice:    "建议由交通局统一排班，并在换乘站公布时刻表，半年内完成，年底请提案委回访。",
	}
}

// TestAGoodProposalHasNoHint, and each mistake has its own, in Chinese.
func TestAGoodProposalHasNoHint(t *testing.T) {
	t.Parallel()
	if got := proposal.Hints(whole()); len(got) != 0 {
		t.Fatalf("noticed %+v", got)
	}
	for name, c := range map[string]struct {
		spoil  func(*proposal.Unfinished)
		code   string
		ground proposal.Ground
	}{
		"no situation":    {func(u *proposal.Unfinished) { u.Situation = "" }, "no_situation", ""},
		"no analysis":     {func(u *proposal.Unfinished) { u.Analysis = "" }, "no_analysis", ""},
		"no advice":       {func(u *proposal.Unfinished) { u.Advice = "" }, "no_advice", proposal.Empty},
		"a short advice":  {func(u *proposal.Unfinished) { u.Advice = "希望重视。" }, "short_advice", proposal.Empty},
		"several matters": {func(u *proposal.Unfinished) { u.Title = "关于教育、医疗卫生、交通和养老的几点建议" }, "several", ""},
		"a case at court": {func(u *proposal.Unfinished) {
			u.Situation += "此案法院受理已有半年，案号（2025）新01民初123号。"
		}, "litigation", proposal.Litigation},
		"a personal affair":    {func(u *proposal.Unfinished) { u.Situation += "我家的宅基地也在这里。" }, "personal", proposal.Personal},
		"a product":            {func(u *proposal.Unfinished) { u.Advice += "可采用我公司的设备。" }, "promotion", proposal.Promotion},
		"the party's people":   {func(u *proposal.Unfinished) { u.Advice += "并提拔张某为交通局局长。" }, "party_affairs", proposal.PartyAffairs},
		"another party inside": {func(u *proposal.Unfinished) { u.Situation += "民盟内部对此也有分歧。" }, "own_party", proposal.OwnParty},
		"a secret":             {func(u *proposal.Unfinished) { u.Situation += "据一份机密文件。" }, "secret", proposal.Secret},
		"an accusation":        {func(u *proposal.Unfinished) { u.Situation += "现举报某经理受贿。" }, "accusation", proposal.Accusation},
		"a paper":              {func(u *proposal.Unfinished) { u.Analysis += "本文认为如此，参考文献略。" }, "academic", proposal.Academic},
		"a forbidden thing":    {func(u *proposal.Unfinished) { u.Advice += "并开放赌场。" }, "forbidden", proposal.Forbidden},
		"a higher body's":      {func(u *proposal.Unfinished) { u.Advice += "请国务院出台办法。" }, "upper", ""},
		"a body without name":  {func(u *proposal.Unfinished) { u.Proposer = proposal.Sector }, "body", ""},
		"joint without others": {func(u *proposal.Unfinished) { u.Proposer = proposal.Joint }, "joint", ""},
		"very long":            {func(u *proposal.Unfinished) { u.Analysis += strings.Repeat("详", 2000) }, "long", ""},
	} {
		u := whole()
		c.spoil(&u)
		got := proposal.Hints(u)
		i := slices.IndexFunc(got, func(h proposal.Hint) bool { return h.Code == c.code })
		if i < 0 || len(got) != 1 || got[i].Ground != c.ground || got[i].Message == "" || strings.Contains(got[i].Message, "%!") {
			t.Errorf("%s: noticed %+v, want %s", name, got, c.code)
		}
	}
}
