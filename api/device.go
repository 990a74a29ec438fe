package api

import "strings"

// sign is a word in what a browser says of itself, and what people call it.
type sign struct{ word, label string }

// systems and browsers are looked through in their order: many a browser says
// that it is Chrome as well, and Chrome that it is Safari.
var (
	systems = []sign{
		{"iPhone", "苹果手机"}, {"iPad", "苹果平板"}, {"OpenHarmony", "鸿蒙设备"}, {"HarmonyOS", "鸿蒙设备"}, {"Android", "安卓设备"},
		{"Windows", "Windows 电脑"}, {"Macintosh", "苹果电脑"}, {"UOS", "统信电脑"}, {"Kylin", "麒麟电脑"}, {"Linux", "Linux 电脑"},
	}
	browsers = []sign{
		{"wxwork/", "企业微信"}, {"MicroMessenger/", "微信"}, {"DingTalk/", "钉钉"},
		{"Edg/", "Edge 浏览器"}, {"QIHU", "360 浏览器"}, {"360SE", "360 浏览器"}, {"360EE", "360 浏览器"}, {"Qaxbrowser", "奇安信浏览器"},
		{"QQBrowser/", "QQ 浏览器"}, {"MetaSr", "搜狗浏览器"}, {"Quark/", "夸克浏览器"}, {"UBrowser/", "UC 浏览器"}, {"HuaweiBrowser/", "华为浏览器"},
		{"Firefox/", "火狐浏览器"}, {"Chrome/", "Chrome 浏览器"}, {"Safari/", "Safari 浏览器"},
	}
)

// deviceOf says in plain words what a User-Agent stands for. Only words of ours
// come out of it: what it says itself could be meant to deceive who reads it on
// the telephone.
func deviceOf(userAgent string) string {
	system, browser := "电脑", "浏览器"
	for _, s := range systems {
		if strings.Contains(userAgent, s.word) {
			system = s.label
			break
		}
	}
	for _, b := range browsers {
		if strings.Contains(userAgent, b.word) {
			browser = b.label
			break
		}
	}
	return system + "，" + browser
}
