# exec_ruby.rb URL: prints the status and the body that a program gets which knows of no proxy and no CA.
require 'net/http'

answer = Net::HTTP.get_response(URI(ARGV[0]))
puts "#{answer.code} #{answer.body.strip}"
