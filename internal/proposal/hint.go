package proposal

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Hint is something that a program notices of a text before it is handed in. It is
// for the sponsor to judge, and for the reviewer later: nothing is refused by it.
type Hint struct {
	Code    string
	Ground  Ground // of not filing, to which it may lead; empty: of the form alone
	Message string
}

// The lengths from which a part looks thin. No rule sets them.
const (
	shortSituation = 30
	shortAdvice    = 30
	longText       = 2000 // 一般不超过2000字
)

// sign is a way to notice one of the ten grounds in words.
type sign struct {
	code    string
	ground  Ground
	words   *regexp.Regexp
	message string
}

// signs are what a program can see of the ten grounds. Each names the words that it
// was noticed by, so that a false one is seen at a glance.
var signs = []sign{
	{"secret", Secret, regexp.MustCompile(`绝密|机密|秘密文件|涉密|内部文件|不得外传|军事(?:设施|部署)`), "可能涉及秘密（%s）。涉密内容不能通过提案提出，请删去。"},
	{"party_affairs", PartyAffairs, regexp.MustCompile(`党(?:委|组|支部)(?:换届|人选|干部任免)|干部(?:任免|提拔|调整)|(?:提拔|任命|免去|推荐).{0,8}(?:书记|局长|县长|主任|科长)`), "像是党内组织或人事安排（%s），这类内容不作为提案。"},
	{"own_party", OwnParty, regexp.MustCompile(`(?:民革|民盟|民建|民进|农工党|致公党|九三学社|台盟)(?:内部|班子|换届|组织建设)|本党派内部`), "像是民主党派的内部事务（%s），请在本组织内反映。"},
	{"litigation", Litigation, regexp.MustCompile(`(?:上诉|起诉|判决|裁定|再审|仲裁(?:裁决|委员会)|行政复议|立案侦查|法院(?:受理|审理|执行))|[（(〔]?\d{4}[）)〕]?.{1,8}(?:民初|民终|刑初|行初|执)字?第?\d+号?`), "提到了诉讼、仲裁或复议（%s）。已经进入这些程序的事项不立案，请通过原程序解决。"},
	{"academic", Academic, regexp.MustCompile(`论文|学术(?:研讨|观点|争鸣)|参考文献|本文认为`), "像是学术文章（%s）。提案请写要解决的问题和办法。"},
	{"personal", Personal, regexp.MustCompile(`我(?:本人|家|儿子|女儿|爱人|妻子|丈夫|父亲|母亲|的(?:房子|宅基地|工资|职称|编制))|本人(?:的)?(?:工资|职称|待遇|住房|工龄)`), "像是本人或亲属的事（%s）。个人问题请通过信访等渠道反映。"},
	{"promotion", Promotion, regexp.MustCompile(`本公司|我公司|我(?:厂|店)|我司|(?:推广|采购|推介|使用)(?:我|本)(?:公司|厂|院|品牌)|联系电话[:：]?\s*1\d{10}|代理加盟`), "像是推介作品或产品（%s），这类内容不立案。"},
	{"accusation", Accusation, regexp.MustCompile(`举报|贪污|受贿|以权谋私|包庇|严惩|撤职查办`), "像是举报（%s）。举报请向纪检监察机关反映（12388）。"},
	{"forbidden", Forbidden, regexp.MustCompile(`恢复赌博|开放赌场|赌博合法|毒品合法|罂粟种植|私立武装`), "所提的事国家明令禁止（%s），请核对。"},
	{"upper", "", regexp.MustCompile(`修改宪法|修改.{0,6}法(?:律)?的?规定|国务院|全国人大|中央(?:财政|部委)`), "可能要由上级决定（%s）。如果是，请考虑提交给上级政协的征集。"},
}

// several are words by which a 案由 looks like more than one matter.
var several = regexp.MustCompile(`(?:几点|若干|多项|几个|[二三四五六七八九十]点|[二三四五六七八九十]个问题)(?:建议|意见|问题)?|[、，].{2,12}[、，].{2,12}(?:和|及|与|以及)`)

// measures are words by which an advice is one.
var measures = regexp.MustCompile(`建议|应当|应该|请|可以|要|加快|完善|制定|建立|增加|改|设|推进|落实|明确|统一`)

// Hints tells what a program notices of the three parts and the ten grounds
// (domain.md §3.3), at most one of each sort, in the order of the text.
func Hints(c Unfinished) []Hint {
	hints := append(formHints(c), groundHints(c)...)
	if c.Proposer.collective() && c.BodyName == "" {
		hints = append(hints, Hint{"body", "", "集体提案请写明是哪个党派、团体、界别、小组或专委会，并附上盖章或召集人签名的扫描件。"})
	}
	if c.Proposer == Joint && len(c.CoAuthors) == 0 {
		hints = append(hints, Hint{"joint", "", "联名提案还没有选联名的委员。"})
	}
	return hints
}

// formHints are of the prescribed form: 情况, 分析, 建议, one matter.
func formHints(c Unfinished) []Hint {
	var hints []Hint
	add := func(code, message string) { hints = append(hints, Hint{code, "", message}) }
	length := utf8.RuneCountInString
	switch n := length(c.Title); {
	case n == 0:
		add("no_title", "还没有写案由。")
	case several.MatchString(c.Title):
		add("several", "案由里好像有几件事。一件提案说一件事，几件事请分开提，便于交给不同的单位办理。")
	}
	switch n := length(c.Situation); {
	case n == 0:
		add("no_situation", "还没有写“情况”：问题在哪里，现在怎么样。")
	case n < shortSituation:
		add("short_situation", "“情况”有些简短，最好写上地点、数字或例子。")
	}
	if c.Analysis == "" {
		add("no_analysis", "还没有写“分析”：为什么会这样。")
	}
	switch n := length(c.Advice); {
	case n == 0:
		hints = append(hints, Hint{"no_advice", Empty, "还没有写“建议”。没有具体建议的提案不立案。"})
	case n < shortAdvice, !measures.MatchString(c.Advice):
		hints = append(hints, Hint{"short_advice", Empty, "“建议”还不够具体：请写明由谁、做什么、最好到什么程度。"})
	}
	if n := length(c.Situation + c.Analysis + c.Advice); n > longText {
		add("long", fmt.Sprintf("全文%d字，一般不超过%d字，能短一些更好办理。", n, longText))
	}
	return hints
}

// groundHints are what the words tell of the ten grounds.
func groundHints(c Unfinished) []Hint {
	all := strings.Join([]string{c.Title, c.Situation, c.Analysis, c.Advice}, "\n")
	var hints []Hint
	for _, s := range signs {
		if found := s.words.FindString(all); found != "" {
			hints = append(hints, Hint{s.code, s.ground, fmt.Sprintf(s.message, found)})
		}
	}
	return hints
}
