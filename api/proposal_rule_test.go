package api_test

import (
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"yanlu/internal/app/apptest"
	"yanlu/internal/attachment/attachmenttest"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// consents are what the authors of a proposal have agreed to, by name.
func consents(w *apptest.World, name, id string) map[string]string {
	w.T.Helper()
	by := map[string]string{}
	for _, a := range readProposal(w, name, id).Authors {
		by[a.Name] = a.Consent
	}
	return by
}

// upperCollection is the one collection of a higher body that the world has.
func upperCollection(w *apptest.World) string {
	w.T.Helper()
	var id string
	if err := w.DB.Gorm(w.T.Context()).Raw("SELECT id FROM collections WHERE body <> ''").Scan(&id).Error; err != nil || id == "" {
		w.T.Fatal(id, err)
	}
	return id
}

// askedOf lists the matters that somebody is asked to sign, with who asks.
func askedOf(w *apptest.World, name string) map[string]string {
	w.T.Helper()
	var p struct {
		Items []struct {
			ID     string `json:"matter_id"`
			Author string
		}
	}
	w.Get(name, "/v1/work/invitations").Into(w.T, http.StatusOK, &p)
	asked := map[string]string{}
	for _, x := range p.Items {
		asked[x.ID] = x.Author
	}
	return asked
}

// TestWhoIsAskedFindsIt: whoever is asked to sign finds the matter among what they are
// asked, of each kind, until they have answered or it is too late.
func TestWhoIsAskedFindsIt(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	asked := map[string]any{"co_author_ids": []string{w.Person(apptest.CoAuthor).ID, w.Person(apptest.InvitedMember).ID}}
	var ids []string
	lamps := submission("修复人民路路灯")
	maps.Copy(lamps, asked)
	for base, body := range map[string]map[string]any{"/v1/suggestions": lamps, "/v1/opinions": report("关于改善农村留守老人就医取药的建议", asked)} {
		var s state
		w.Post(apptest.Author, base, body).Into(t, http.StatusCreated, &s)
		ids = append(ids, base+"/"+s.ID)
	}
	var s state
	w.Post(apptest.Author, "/v1/proposals/drafts", motion("关于改善城乡公交衔接的建议", asked)).Into(t, http.StatusCreated, &s)
	if got := askedOf(w, apptest.CoAuthor); len(got) != 2 {
		t.Errorf("of two that are handed in and a draft: %v", got)
	}
	move(w, apptest.Author, s.ID, "invite", motion("关于改善城乡公交衔接的建议", asked))
	ids = append(ids, proposals+s.ID)
	for _, at := range ids {
		id := path.Base(at)
		if got := askedOf(w, apptest.CoAuthor); got[id] != apptest.Author {
			t.Errorf("%s is not among what is asked: %v", at, got)
		}
		v := struct{ Version int64 }{}
		w.Get(apptest.CoAuthor, at).Into(t, http.StatusOK, &v)
		act(w, apptest.CoAuthor, at+"/agree", map[string]any{"version": v.Version})
		if _, still := askedOf(w, apptest.CoAuthor)[id]; still {
			t.Errorf("%s was answered and is asked still", at)
		}
	}
	if got := askedOf(w, apptest.Author); len(got) != 0 {
		t.Errorf("the author is asked %v", got)
	}
	v := struct{ Version int64 }{}
	w.Get(apptest.Author, ids[0]).Into(t, http.StatusOK, &v)
	act(w, apptest.Author, ids[0]+"/withdraw", map[string]any{"version": v.Version})
	if got := askedOf(w, apptest.InvitedMember); len(got) != 2 {
		t.Errorf("one of three was withdrawn: %v", got)
	}
}

// TestAChangedTextIsAskedForAgain: co-signers agree to the text as it stands. Who had
// agreed is asked again when it changes, who declined is no author, and what is only
// saved again asks nobody.
func TestAChangedTextIsAskedForAgain(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	both := map[string]any{"co_author_ids": []string{w.Person(apptest.CoAuthor).ID, w.Person(apptest.InvitedMember).ID}}
	var s state
	w.Post(apptest.Author, "/v1/proposals/drafts", motion("关于改善城乡公交衔接的建议", both)).Into(t, http.StatusCreated, &s)
	wantCode(t, w.Get(apptest.CoAuthor, proposals+s.ID), http.StatusNotFound, "matter.not_found")
	s = move(w, apptest.Author, s.ID, "invite", motion("关于改善城乡公交衔接的建议", both))
	if s.Status != "COSIGNING" {
		t.Fatalf("invited: %+v", s)
	}
	for _, name := range []string{apptest.Leader, apptest.OtherMember, apptest.LeadHandler} { // staff, sponsors and who is asked alone
		wantCode(t, w.Get(name, proposals+s.ID), http.StatusNotFound, "matter.not_found")
	}
	move(w, apptest.CoAuthor, s.ID, "agree", nil)
	move(w, apptest.InvitedMember, s.ID, "decline", nil)
	move(w, apptest.Author, s.ID, "revise", motion("关于改善城乡公交衔接的建议", both)) // the same text
	if got := consents(w, apptest.Staff, s.ID); got[apptest.CoAuthor] != "GIVEN" || got[apptest.InvitedMember] != "DECLINED" {
		t.Errorf("the same text: %v", got)
	}
	changed := motion("关于改善城乡公交衔接的建议", both)
	changed["advice"] = "建议由交通局统一排班，并增加早晚各一班，三个月内完成，年底由提案委回访。"
	move(w, apptest.Author, s.ID, "revise", changed)
	v := readProposal(w, apptest.Author, s.ID)
	if got := consents(w, apptest.Author, s.ID); got[apptest.CoAuthor] != "ASKED" || v.TextVersion != 2 || len(v.Before) != 1 {
		t.Errorf("a changed text: %v, version %d, %d before", got, v.TextVersion, len(v.Before))
	}
	if got := told(w, apptest.CoAuthor, s.ID); !slices.Contains(got, "文本有修改，请您再看看") {
		t.Errorf("the co-signer was told %v", got)
	}
	move(w, apptest.CoAuthor, s.ID, "agree", nil)
	s = move(w, apptest.Author, s.ID, "send", changed)
	if got := consents(w, apptest.Staff, s.ID); s.Status != "SUBMITTED" || got[apptest.CoAuthor] != "GIVEN" {
		t.Errorf("handed in: %+v, %v", s, got)
	}
	move(w, apptest.Staff, s.ID, "file", nil)
	if got := told(w, apptest.InvitedMember, s.ID); slices.Contains(got, "您的提案已立案") { // who declined is no author
		t.Errorf("who declined was told %v", got)
	}
}

// TestABodyProposesUnderItsSeal: a sector's proposal is handed in by one of it, with
// the scan of the convener's signature; a party's must be one of the institution's.
func TestABodyProposesUnderItsSeal(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	post := func(more map[string]any) apptest.Answer {
		return w.Post(apptest.Author, "/v1/proposals", motion("关于加强农田水利的建议", more))
	}
	wantCode(t, post(map[string]any{"proposer": "SECTOR"}), http.StatusUnprocessableEntity, "proposal.body")
	wantCode(t, post(map[string]any{"proposer": "INDIVIDUAL", "body_name": "农业界"}), http.StatusUnprocessableEntity, "proposal.body")
	wantCode(t, post(map[string]any{"proposer": "SECTOR", "body_name": "农业界"}), http.StatusUnprocessableEntity, "proposal.seal")
	wantCode(t, post(map[string]any{"proposer": "SECTOR", "body_name": "渔业界"}), http.StatusUnprocessableEntity, "matter.body")
	wantCode(t, post(map[string]any{"proposer": "PARTY", "body_name": "民盟言城县支部"}), http.StatusUnprocessableEntity, "matter.body")
	wantCode(t, post(map[string]any{"proposer": "JOINT"}), http.StatusUnprocessableEntity, "proposal.joint")
	scan := w.Uploaded(apptest.Author, "签名.png", attachmenttest.PNG(8, 8))
	var s state
	post(map[string]any{"proposer": "SECTOR", "body_name": "农业界", "seal": []string{scan}}).Into(t, http.StatusCreated, &s)
	if v := readProposal(w, apptest.Staff, s.ID); v.Proposer != "SECTOR" {
		t.Errorf("handed in: %+v", v)
	}
	// On paper the scan stands with the paper.
	own := w.Uploaded(apptest.Staff, "纸件.png", attachmenttest.PNG(8, 8))
	w.Post(apptest.Staff, "/v1/proposals", map[string]any{
		"title": "关于加强农田水利的建议", "category": "AGRICULTURE", "proposer": "PANEL", "body_name": "第一联络组",
		"paper": map[string]any{"person_id": w.Person(apptest.Author).ID, "date": "2026-03-03", "scans": []string{own}},
	}).Want(t, http.StatusCreated)
}

// TestTheDayTellsPlenaryFromInterim: from three months before the opening to the
// deadline a proposal is of the plenary, after it one of the time between; the row of
// numbers goes on, a number is never given twice, and a higher body's has none.
func TestTheDayTellsPlenaryFromInterim(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	var c struct {
		ID, Title, Begins string
		Version           int64
	}
	third := map[string]any{"session": 3, "opens": "2026-03-20", "deadline": "2026-03-21T18:00:00+08:00"}
	wantCode(t, w.Post(apptest.Staff, "/v1/collections", map[string]any{"opens": "2026-03-20", "deadline": "2026-03-21T18:00:00+08:00"}), http.StatusUnprocessableEntity, "proposal.session")
	wantCode(t, w.Post(apptest.Staff, "/v1/collections", map[string]any{"session": 3, "opens": "2026-03-20", "deadline": "2025-03-21T18:00:00+08:00"}), http.StatusUnprocessableEntity, "proposal.collection_dates")
	w.Post(apptest.Staff, "/v1/collections", third).Into(t, http.StatusCreated, &c)
	if c.Title != "十一届三次会议" || c.Begins != "2025-12-20" {
		t.Fatalf("the session: %+v", c)
	}
	wantCode(t, w.Post(apptest.Staff, "/v1/collections", third), http.StatusConflict, "proposal.collection_twice")
	w.Post(apptest.Staff, "/v1/collections/"+c.ID+"/announce", map[string]any{"version": c.Version}).Want(t, http.StatusOK)
	if got := told(w, apptest.Author, c.ID); len(got) != 1 || got[0] != "十一届三次会议开始征集提案" {
		t.Errorf("a member was told %v", got)
	}
	plenary := propose(w, apptest.Author, "关于改善城乡公交衔接的建议", nil)
	w.Clock.Advance(19 * 24 * time.Hour)
	interim := propose(w, apptest.Author, "关于增设社区食堂的建议", nil)
	for id, want := range map[string]string{plenary.ID: "PLENARY", interim.ID: "INTERIM"} {
		if v := readProposal(w, apptest.Author, id); v.Occasion != want || v.CollectionTitle != "十一届三次会议" {
			t.Errorf("%s is %s of %s", v.Title, v.Occasion, v.CollectionTitle)
		}
		move(w, apptest.Staff, id, "file", map[string]any{"lead_unit_id": w.Units[0].ID})
	}
	number := func(start int, ids ...string) apptest.Answer {
		return w.Post(apptest.Staff, "/v1/proposals/numbers", map[string]any{"ids": ids, "start": start})
	}
	number(31, plenary.ID).Want(t, http.StatusOK)
	wantCode(t, number(31, interim.ID), http.StatusConflict, "matter.number_used")
	wantCode(t, number(0, plenary.ID), http.StatusConflict, "matter.numbered")
	if s := move(w, apptest.Staff, interim.ID, "dispatch", nil); s.Number != "十一届三次会议第32号" {
		t.Errorf("the next: %+v", s)
	}
}

// TestTwoReviewBlindly: where the institution wants it, nothing is decided before two
// have looked, the second does not read the first, and is another.
func TestTwoReviewBlindly(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	set(w, "proposal.two_reviews", true).Want(t, http.StatusOK)
	s := propose(w, apptest.Author, "关于改善城乡公交衔接的建议", nil)
	path := proposals + s.ID
	wantCode(t, w.Post(apptest.Staff, path+"/file", map[string]any{"version": 1}), http.StatusConflict, "proposal.two_reviews")
	move(w, apptest.Staff, s.ID, "pre_review", map[string]any{"decision": "NOT_FILE", "ground": "EMPTY", "note": "太空泛。"})
	wantCode(t, w.Post(apptest.Staff, path+"/re_review", map[string]any{"version": 2, "decision": "FILE"}), http.StatusConflict, "proposal.second_one")
	if v := readProposal(w, apptest.ProposalStaff, s.ID); len(v.Reviews) != 0 {
		t.Errorf("the second reads the first: %+v", v.Reviews)
	}
	if v := readProposal(w, apptest.Staff, s.ID); len(v.Reviews) != 1 {
		t.Errorf("who wrote it reads %+v", v.Reviews)
	}
	move(w, apptest.ProposalStaff, s.ID, "re_review", map[string]any{"decision": "FILE"})
	if v := readProposal(w, apptest.Staff, s.ID); len(v.Reviews) != 2 || v.Status != "REVIEWED" {
		t.Errorf("both are in: %+v", v.Reviews)
	}
	move(w, apptest.Staff, s.ID, "file", nil)
	if v := readProposal(w, apptest.Author, s.ID); len(v.Reviews) != 0 || strings.Contains(strings.Join(told(w, apptest.Author, s.ID), ""), "空泛") {
		t.Errorf("the author reads %+v", v.Reviews)
	}
}

// TestNotFiledIsToldKindly: on which ground, why, and where the content goes.
func TestNotFiledIsToldKindly(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := propose(w, apptest.Author, "关于交通的建议", map[string]any{"advice": "希望重视。"})
	if v := readProposal(w, apptest.Staff, s.ID); len(v.Hints) != 1 || v.Hints[0].Code != "short_advice" || v.Hints[0].Ground != "EMPTY" {
		t.Errorf("staff read the hints %+v", v.Hints)
	}
	wantCode(t, w.Post(apptest.Staff, proposals+s.ID+"/not_file", map[string]any{"version": 1, "reason": "太空泛。"}), http.StatusUnprocessableEntity, "request.invalid")
	wantCode(t, w.Post(apptest.Staff, proposals+s.ID+"/not_file", map[string]any{"version": 1, "reason": "太空泛。", "ground": "EMPTY", "met_on": "2026-03-09"}), http.StatusUnprocessableEntity, "proposal.meeting")
	s = move(w, apptest.Staff, s.ID, "not_file", map[string]any{
		"ground": "EMPTY", "reason": "请补充具体办法后再提。", "transfer": "OPINION", "meeting": "第20次主席会议", "met_on": "2026-03-03",
	})
	var box struct {
		Items []struct{ Title, Body string }
	}
	w.Get(apptest.Author, "/v1/inbox").Into(t, http.StatusOK, &box)
	body := box.Items[0].Body
	for _, want := range []string{"感谢您提出", "没有具体建议", "请补充具体办法", "社情民意", "第20次主席会议"} {
		if !strings.Contains(body, want) {
			t.Errorf("the author reads %q, without %s", body, want)
		}
	}
	if v := readProposal(w, apptest.Author, s.ID); v.Status != "NOT_FILED" || v.Ground != "EMPTY" || v.Meeting != "第20次主席会议" || v.MetOn != "2026-03-03" {
		t.Errorf("it is %+v", v)
	}
	wantCode(t, w.Get(apptest.Leader, proposals+s.ID), http.StatusNotFound, "matter.not_found")
}

// TestARevokedProposalIsTakenFromItsUnits, keeps its number, and waits for an answer
// that is in already; a wish that is refused lets it go on where it was.
func TestARevokedProposalIsTakenFromItsUnits(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := propose(w, apptest.Author, "关于改善城乡公交衔接的建议", nil)
	move(w, apptest.Staff, s.ID, "file", map[string]any{"lead_unit_id": w.Units[0].ID, "co_unit_ids": []string{w.Units[1].ID}})
	s = move(w, apptest.Staff, s.ID, "dispatch", nil)
	number := s.Number
	move(w, apptest.Author, s.ID, "ask_revoke", map[string]any{"reason": "已另有安排。"})
	if s = move(w, apptest.Staff, s.ID, "keep", map[string]any{"reason": "单位已在办理。"}); s.Status != "HANDLING" {
		t.Fatalf("kept: %+v", s)
	}
	lead := work(w, apptest.LeadHandler).Items[0].AssignmentID
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/sign_for", signFor(1))
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/reply_by_letter", letterBody(2))
	s = move(w, apptest.Author, s.ID, "ask_revoke", map[string]any{"reason": "已另有安排。"})
	wantCode(t, w.Post(apptest.Staff, proposals+s.ID+"/revoke", map[string]any{"version": s.Version}), http.StatusConflict, "handling.reply_in")
	act(w, apptest.Staff, "/v1/assignments/"+lead+"/send_back_reply", map[string]any{"version": 3, "reason": "请先等撤案的决定。"})
	s = move(w, apptest.Staff, s.ID, "revoke", nil)
	if s.Status != "REVOKED" || s.Number != number || number == "" {
		t.Errorf("revoked: %+v, its number was %s", s, number)
	}
	for _, name := range []string{apptest.LeadHandler, apptest.CoHandler} {
		if got := told(w, name, s.ID); !slices.Contains(got, "提案已撤案") || len(work(w, name).Items) != 0 {
			t.Errorf("%s was told %v and has %+v", name, got, work(w, name).Items)
		}
	}
}

// TestAHigherBodysCollectionIsOutsideTheCounty: gathered, chosen, handed up, answered
// and awarded, with that body's number and none of the county's.
func TestAHigherBodysCollectionIsOutsideTheCounty(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	upper := upperCollection(w)
	s := propose(w, apptest.Author, "关于改善跨县公交的建议", map[string]any{"collection_id": upper})
	if s.Status != "GATHERED" {
		t.Fatalf("handed in: %+v", s)
	}
	own := propose(w, apptest.CoAuthor, "关于增设社区食堂的建议", nil)
	own = move(w, apptest.Staff, own.ID, "gather", nil)
	own = move(w, apptest.Staff, own.ID, "pass_over", map[string]any{"reason": "名额有限。"})
	if got := told(w, apptest.CoAuthor, own.ID); own.Status != "NOT_CHOSEN" || len(got) != 2 {
		t.Errorf("passed over: %+v, told %v", own, got)
	}
	move(w, apptest.Staff, s.ID, "choose", map[string]any{"meeting": "第21次主席会议"})
	move(w, apptest.Staff, s.ID, "hand_up", nil)
	move(w, apptest.Staff, s.ID, "book_upper", map[string]any{"number": "第126号"})
	wantCode(t, w.Post(apptest.Staff, proposals+s.ID+"/book_upper", map[string]any{"version": 4}), http.StatusUnprocessableEntity, "proposal.book")
	s = move(w, apptest.Staff, s.ID, "conclude", map[string]any{"answer": "已列入明年公交线路调整计划。"})
	move(w, apptest.Staff, s.ID, "book_upper", map[string]any{"award": "被评为优秀提案"})
	v := readProposal(w, apptest.Author, s.ID)
	if s.Number != "" || v.Status != "UPPER_DONE" || v.Upper == nil || v.Upper.Number != "第126号" || v.Upper.Award != "被评为优秀提案" || v.Occasion != "" {
		t.Errorf("the author reads %+v, %+v", v, v.Upper)
	}
	wantCode(t, w.Post(apptest.Staff, "/v1/proposals/numbers", map[string]any{"ids": []string{s.ID}}), http.StatusConflict, "proposal.no_session")
	w.Clock.Advance(3 * 365 * 24 * time.Hour) // the window is over; a draft may stay
	a := w.Send(apptest.Call{Method: http.MethodPost, Path: "/v1/proposals", Token: w.Login(apptest.Author), Body: motion("关于跨县公交的建议", map[string]any{"collection_id": upper})})
	wantCode(t, a, http.StatusConflict, "proposal.collection_closed")
	w.Send(apptest.Call{Method: http.MethodPost, Path: "/v1/proposals/drafts", Token: w.Login(apptest.Author), Body: motion("关于跨县公交的建议", map[string]any{"collection_id": upper})}).Want(t, http.StatusCreated)
}

// TestATranslationStandsBesideTheOriginal, is checked by another, and is told to be of
// an older text when the 案由 is rewritten.
func TestATranslationStandsBesideTheOriginal(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := propose(w, apptest.Author, "关于改善城乡公交衔接的建议", nil)
	move(w, apptest.Staff, s.ID, "file", nil)
	wantCode(t, w.Get(apptest.Translator, proposals+s.ID), http.StatusNotFound, "matter.not_found")
	wantCode(t, w.Post(apptest.Staff, proposals+s.ID+"/translate", map[string]any{"version": 2, "language": "UG", "translator_id": w.Person(apptest.CoAuthor).ID}),
		http.StatusUnprocessableEntity, "proposal.translator")
	move(w, apptest.Staff, s.ID, "translate", map[string]any{"language": "UG"})
	if q := work(w, apptest.Translator); len(q.Items) != 1 || q.Items[0].Todo != "翻译" {
		t.Fatalf("the translator's queue: %+v", q)
	}
	title := "شەھەر-يېزا ئاپتوبۇسلىرىنى ئۇلاش توغرىسىدا"
	move(w, apptest.Translator, s.ID, "hand_translation", map[string]any{"title": title, "advice": "بىرتۇتاش ۋاقىت جەدۋىلى تۈزۈش لازىم."})
	if v := readProposal(w, apptest.Author, s.ID); len(v.Translations) != 0 {
		t.Errorf("the author reads what is not checked: %+v", v.Translations)
	}
	move(w, apptest.Staff, s.ID, "redo_translation", map[string]any{"reason": "“排班”译得不准。"})
	move(w, apptest.Translator, s.ID, "hand_translation", map[string]any{"title": title})
	s = move(w, apptest.Staff, s.ID, "pass_translation", nil)
	v := readProposal(w, apptest.Author, s.ID)
	if s.Status != "FILED" || len(v.Translations) != 1 || v.Translations[0].Title != title || v.Translations[0].Translator != apptest.Translator || v.Translations[0].Checker != apptest.Staff || !v.Translations[0].Current {
		t.Errorf("translated: %+v %+v", s, v.Translations)
	}
	move(w, apptest.Staff, s.ID, "retitle", map[string]any{"title": "关于改善城乡公交衔接和候车条件的建议", "reason": "并入了一件相近的提案。"})
	v = readProposal(w, apptest.Author, s.ID)
	if v.Title != "关于改善城乡公交衔接和候车条件的建议" || v.Translations[0].Current || len(v.Before) != 1 || v.Before[0].Title != "关于改善城乡公交衔接的建议" {
		t.Errorf("rewritten: %+v", v)
	}
}

// TestMarksAndPublicationAreAChoice: what is on its way is the office's; a proposal
// and its answer are published each by itself, and never against its sponsor's wish.
func TestMarksAndPublicationAreAChoice(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	s := propose(w, apptest.Author, "关于改善城乡公交衔接的建议", map[string]any{"public": false})
	move(w, apptest.Staff, s.ID, "file", map[string]any{"lead_unit_id": w.Units[0].ID})
	move(w, apptest.Staff, s.ID, "dispatch", nil)
	move(w, apptest.Staff, s.ID, "nominate_key", nil)
	if v := readProposal(w, apptest.Author, s.ID); len(v.Marks) != 0 {
		t.Errorf("the author reads of a nomination: %+v", v.Marks)
	}
	move(w, apptest.Staff, s.ID, "approve_key", map[string]any{"way": "VISIT", "leader": apptest.Leader, "meeting": "第21次主席会议"})
	if v := readProposal(w, apptest.Author, s.ID); len(v.Marks) != 1 || v.Marks[0].Meeting != "第21次主席会议" || len(v.Supervisions) != 0 {
		t.Errorf("approved: %+v %+v", v.Marks, v.Supervisions)
	}
	move(w, apptest.Leader, s.ID, "report_supervision", map[string]any{"way": "VISIT", "report": "到换乘站看了现场，时刻表已经公布。"})
	if v := readProposal(w, apptest.Author, s.ID); len(v.Supervisions) != 1 || v.Supervisions[0].Leader != apptest.Leader {
		t.Errorf("supervised: %+v", v.Supervisions)
	}
	lead := work(w, apptest.LeadHandler).Items[0].AssignmentID
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/sign_for", signFor(1))
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/reply_by_letter", letterBody(2))
	act(w, apptest.Staff, "/v1/assignments/"+lead+"/pass", map[string]any{"version": 3})
	w.Post(apptest.Staff, "/v1/settings", map[string]any{"name": "handling.mutual_marks", "value": true}).Want(t, http.StatusOK)
	act(w, apptest.LeadHandler, "/v1/assignments/"+lead+"/mark_author", map[string]any{"version": 4, "score": 74})
	if v := readProposal(w, apptest.Staff, s.ID); len(v.Marks) != 1 || len(v.Assessments) != 1 || v.Assessments[0].Side != "UNIT" || v.Assessments[0].Score != 74 {
		t.Errorf("what the unit says of it: %+v, beside its honours: %+v", v.Assessments, v.Marks)
	}
	wantCode(t, w.Post(apptest.Staff, proposals+s.ID+"/publish", map[string]any{"version": readProposal(w, apptest.Staff, s.ID).Version}), http.StatusConflict, "proposal.not_public")
	wantCode(t, w.Get(apptest.OtherMember, proposals+s.ID), http.StatusNotFound, "matter.not_found")
	move(w, apptest.Staff, s.ID, "publish", map[string]any{"agreed": true})
	if v := readProposal(w, apptest.OtherMember, s.ID); v.Title == "" || len(v.Replies) != 0 {
		t.Errorf("another member reads %+v", v.Replies)
	}
	move(w, apptest.Staff, s.ID, "publish", map[string]any{"agreed": true, "answer": true})
	if v := readProposal(w, apptest.OtherMember, s.ID); len(v.Replies) != 1 || len(v.Ratings) != 0 {
		t.Errorf("another member reads %+v", v.Replies)
	}
	move(w, apptest.Author, s.ID, "rate", map[string]any{"attitude": "SATISFIED", "result": "SATISFIED"})
	move(w, apptest.Staff, s.ID, "nominate_excellent", nil)
	move(w, apptest.Staff, s.ID, "review_excellent", map[string]any{"meeting": "优秀提案评审会"})
	move(w, apptest.Staff, s.ID, "publish_excellent", nil)
	if v := readProposal(w, apptest.Author, s.ID); len(v.Marks) != 2 {
		t.Errorf("in the end: %+v", v.Marks)
	}
	move(w, apptest.Staff, s.ID, "unpublish", nil)
	wantCode(t, w.Get(apptest.OtherMember, proposals+s.ID), http.StatusNotFound, "matter.not_found")
}

// TestCheckingRefusesNothing: what the program notices is told before a proposal is
// handed in, and it may be handed in all the same.
func TestCheckingRefusesNothing(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	var v struct {
		Hints []struct{ Code, Message string }
	}
	w.Post(apptest.Author, "/v1/proposals/check", map[string]any{"title": "关于交通的建议"}).Into(t, http.StatusOK, &v)
	var codes []string
	for _, h := range v.Hints {
		codes = append(codes, h.Code)
	}
	if got := strings.Join(codes, " "); got != "no_situation no_analysis no_advice" {
		t.Errorf("noticed %s", got)
	}
	propose(w, apptest.Author, "关于交通的建议", map[string]any{"situation": "", "analysis": "", "advice": "希望早日改善交通拥堵。"}) // and yet it may be handed in
}

// TestASuggestionBecomesADraftOfItsAuthor: what is converted is completed by its first
// author, and who had signed the other is asked again; a proposal that is not filed may
// go on as another kind.
func TestASuggestionBecomesADraftOfItsAuthor(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	co := []string{w.Person(apptest.CoAuthor).ID}
	s := begin(w, apptest.Author, map[string]any{"co_author_ids": co})
	act(w, apptest.CoAuthor, suggestions+s.ID+"/agree", map[string]any{"version": s.Version})
	act(w, apptest.Staff, suggestions+s.ID+"/convert", map[string]any{"version": s.Version, "kind": "proposal", "reason": "涉及全县，适合作为提案。"})
	var page struct{ Items []struct{ ID, Status string } }
	w.Get(apptest.Author, "/v1/proposals").Into(t, http.StatusOK, &page)
	if len(page.Items) != 1 || page.Items[0].Status != "DRAFT" {
		t.Fatalf("the author has %+v", page)
	}
	id := page.Items[0].ID
	if got := told(w, apptest.Author, id); !slices.Contains(got, "请把它补充成一件提案") {
		t.Errorf("the author was told %v", got)
	}
	wantCode(t, w.Get(apptest.Staff, proposals+id), http.StatusNotFound, "matter.not_found")
	p := move(w, apptest.Author, id, "send", motion("关于改善人民路照明的建议", map[string]any{"co_author_ids": co}))
	if got := consents(w, apptest.Staff, id); p.Status != "SUBMITTED" || got[apptest.CoAuthor] != "ASKED" {
		t.Errorf("handed in: %+v, %v", p, got)
	}
	move(w, apptest.Staff, id, "not_file", map[string]any{"ground": "EMPTY", "reason": "适合作为微建议。", "transfer": "SUGGESTION"})
	if p = move(w, apptest.Staff, id, "convert", map[string]any{"kind": "suggestion", "reason": "转为微建议办理。"}); p.Status != "CONVERTED" {
		t.Errorf("converted: %+v", p)
	}
}

// TestAnAnswerOffersWhatIsSwitchedOn: what an act answers offers no mark of the two
// sides where the institution has none, and no second judgement.
func TestAnAnswerOffersWhatIsSwitchedOn(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		w := apptest.New(t)
		w.Post(apptest.Admin, "/v1/settings", map[string]any{"name": "handling.mutual_marks", "value": on}).Want(t, http.StatusOK)
		offers := func(s state, action string) bool {
			return slices.ContainsFunc(s.Actions, func(x struct{ Name string }) bool { return x.Name == action })
		}
		s, merged := propose(w, apptest.Author, "关于改善城乡公交衔接的建议", nil), propose(w, apptest.CoAuthor, "关于公交候车条件的建议", nil)
		move(w, apptest.Staff, merged.ID, "merge", map[string]any{"target_id": s.ID})
		move(w, apptest.Staff, s.ID, "file", nil)
		move(w, apptest.Staff, s.ID, "dispatch", map[string]any{"lead_unit_id": w.Units[0].ID})
		lead := "/v1/assignments/" + work(w, apptest.LeadHandler).Items[0].AssignmentID
		act(w, apptest.LeadHandler, lead+"/sign_for", signFor(1))
		act(w, apptest.LeadHandler, lead+"/reply_by_letter", letterBody(2))
		if passed := act(w, apptest.Staff, lead+"/pass", map[string]any{"version": 3}); offers(passed, "mark_author") != on {
			t.Errorf("switched on: %t; the passed answer offers %+v", on, passed.Actions)
		}
		grades := map[string]any{"attitude": "SATISFIED", "result": "SATISFIED"}
		if rated := move(w, apptest.Author, s.ID, "rate", grades); offers(rated, "mark_handling") != on {
			t.Errorf("switched on: %t; the rated proposal offers %+v", on, rated.Actions)
		}
		if rated := move(w, apptest.CoAuthor, merged.ID, "rate_original", grades); offers(rated, "rate_original") {
			t.Errorf("what was judged offers %+v", rated.Actions)
		}
	}
}

// TestABodysOwnPeopleHandInForIt: a party's staff who are no members write, keep and
// hand in its proposal under its seal, but none for another body and none of their own.
func TestABodysOwnPeopleHandInForIt(t *testing.T) {
	t.Parallel()
	w := apptest.New(t)
	const clerk, party = apptest.OtherHandler, "民盟言城县支部"
	w.Write(func(tx *store.Tx) error {
		unit := institution.AddUnit(tx, w.Clock.Now(), w.County.ID, party, institution.Party)
		institution.AddUnit(tx, w.Clock.Now(), w.County.ID, "民建言城县支部", institution.Party)
		tx.Exec("UPDATE appointments SET unit_id = ? WHERE person_id = ? AND role = ?", unit.ID, w.Person(clerk).ID, member.UnitHandler)
		return nil
	})
	body := func(more map[string]any) map[string]any {
		all := motion("关于扶持社区养老的建议", map[string]any{"proposer": "PARTY", "body_name": party})
		maps.Copy(all, more)
		return all
	}
	for name, wrong := range map[string]map[string]any{
		"for another party": body(map[string]any{"body_name": "民建言城县支部"}), "of their own": motion("关于扶持社区养老的建议", nil),
		"of a sector": body(map[string]any{"proposer": "SECTOR", "body_name": "农业界"}),
	} {
		if a := w.Post(clerk, "/v1/proposals/drafts", wrong); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, a.Status, a.Code())
		}
	}
	var s state
	w.Post(clerk, "/v1/proposals/drafts", body(nil)).Into(t, http.StatusCreated, &s)
	own := motion("关于扶持社区养老的建议", map[string]any{"version": s.Version})
	wantCode(t, w.Post(clerk, proposals+s.ID+"/save", own), http.StatusForbidden, "matter.not_yours")
	wantCode(t, w.Post(clerk, proposals+s.ID+"/send", body(map[string]any{"version": s.Version})), http.StatusUnprocessableEntity, "proposal.seal")
	s = move(w, clerk, s.ID, "send", body(map[string]any{"seal": []string{w.Uploaded(clerk, "盖章.png", attachmenttest.PNG(8, 8))}}))
	if s.Status != "SUBMITTED" {
		t.Fatalf("handed in: %+v", s)
	}
	move(w, apptest.Staff, s.ID, "file", nil)
	if got := told(w, clerk, s.ID); len(got) != 1 || got[0] != "您的提案已立案" {
		t.Errorf("who handed it in was told %v", got)
	}
	a := w.Post(clerk, "/v1/proposals", body(map[string]any{"seal": []string{w.Uploaded(clerk, "盖章.png", attachmenttest.PNG(8, 8))}}))
	a.Want(t, http.StatusCreated)
}
